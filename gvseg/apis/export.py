"""Export the network of one clip as a graph: from pixels to masks, descriptors and query embeddings.

Association and task output stay in Python (a Hungarian assignment and a few comparisons). The input size is fixed.

Shapes: T frames, N queries, C classes, D model width, H W input pixels, h w mask pixels, u v descriptor bins.
"""

from pathlib import Path
from typing import Any

import torch
from mmengine.config import ConfigDict
from torch import Tensor, nn

from gvseg.models.layers.fixed_size import FixedSizeCues
from gvseg.models.layers.level_pixel_decoder import LevelPixelDecoder
from gvseg.models.query_initializers import ExemplarQueries, FrozenPrototypeQueries
from gvseg.models.structures import ClipBatch
from gvseg.utils.errors import ConfigError

OUTPUTS = ('probabilities', 'masks', 'embeddings', 'descriptors', 'present')
ONNX_OPSET = 18


#: Registered part -> exportable part with the same parameters.
EXPORTABLE = dict(
    PredictedCues='FixedSizeCues', GroundTruthCues='FixedSizeCues', PrototypeQueries='FrozenPrototypeQueries'
)


def exportable_model(model: ConfigDict) -> ConfigDict:
    """A model's config with the parts of ``EXPORTABLE`` swapped; the same checkpoint fits both."""

    def swapped(node: Any) -> Any:
        if isinstance(node, dict):
            content = {key: swapped(value) for key, value in node.items()}
            name = str(content.get('type', '')).rpartition('.')[2]
            return {**content, 'type': EXPORTABLE[name]} if name in EXPORTABLE else content
        return type(node)(swapped(value) for value in node) if isinstance(node, (list, tuple)) else node

    return ConfigDict(swapped(model))


class ClipNetwork(nn.Module):
    """Backbone and head of a segmenter for clips of T frames of one size.

    Args:
        model: a :class:`gvseg.models.segmenters.GvSeg` in evaluation mode, built from :func:`exportable_model`, with
            its weights.

    Raises:
        ConfigError: the model has a part that cannot be exported.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        check_exportable(model.track_head)
        self.backbone, self.head = model.backbone, model.track_head
        self.head.descriptors.backend = 'dense'  # the others list contour pixels, a data-dependent number
        for part in self.head.query_initializer.modules():
            if isinstance(part, FrozenPrototypeQueries):
                part.freeze()
        self.register_buffer('pixel_mean', model.data_preprocessor.mean.view(1, 3, 1, 1), persistent=False)
        self.register_buffer('pixel_std', model.data_preprocessor.std.view(1, 3, 1, 1), persistent=False)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """The fields of :class:`gvseg.models.structures.ClipPrediction` for one clip.

        Args:
            frames: red, green and blue, 0 to 255, sides divisible by 32, (T, 3, H, W) float32.

        Returns:
            Class probabilities (N, C + 1), mask logits (N, T, h, w), embeddings (N, D), descriptors (N, 2, u, v), and
            whether a mask has pixels in a frame, (N, T).
        """
        features = self.backbone((frames - self.pixel_mean) / self.pixel_std)
        size = tuple(frames.shape[-2:])
        clips = ClipBatch(
            frames=len(frames),
            input_shape=size,
            seeds=[0],
            real_shapes=torch.tensor([size], dtype=torch.float32, device=frames.device),
        )
        clip = self.head.predict_clip(list(features), clips)
        return tuple(getattr(clip, name) for name in OUTPUTS)


def check_exportable(head: nn.Module) -> None:
    """Check that every part of a head can be exported.

    Raises:
        ConfigError: names the part and what can be exported instead.
    """
    if any(isinstance(part, ExemplarQueries) for part in head.query_initializer.modules()):
        raise ConfigError(
            'The number of object prompts differs from clip to clip, which a graph cannot hold. '
            'Export a VIS, VSS or VPS config.'
        )
    decoder = getattr(head, 'pixel_decoder', head)  # an encoder-only network has none
    if not isinstance(decoder, LevelPixelDecoder):
        raise ConfigError(
            f'The model cannot be exported: {type(decoder).__name__} cannot, DeformablePixelDecoder and '
            'DensePixelDecoder can.'
        )
    if head.cue_injection is not None and not isinstance(head.cue_injection, FixedSizeCues):
        raise ConfigError(
            f'{type(head.cue_injection).__name__} describes a varying number of queries: build the model '
            'from exportable_model(config.model).'
        )


def export_program(network: ClipNetwork, frames: Tensor) -> torch.export.ExportedProgram:
    """Export the network with ``torch.export``, for inputs of the size of ``frames`` (T, 3, H, W)."""
    with torch.no_grad():
        return torch.export.export(network, (frames,), strict=False)


def export_onnx(program: torch.export.ExportedProgram, path: Path) -> None:
    """Write an exported network as ONNX, input ``frames``, outputs as in ``OUTPUTS``; needs onnx and onnxscript.

    The graph is not optimised here: the runtime does that when it loads it, in a fraction of the time.
    """
    torch.onnx.export(
        program,
        (),
        str(path),
        input_names=['frames'],
        output_names=list(OUTPUTS),
        opset_version=ONNX_OPSET,
        dynamo=True,
        external_data=False,
        verbose=False,
        optimize=False,
        custom_translation_table={torch.ops.aten.sort.stable: _stable_sort},
    )


def _stable_sort(values, stable: bool = True, dim: int = -1, descending: bool = False):
    """A stable sort as ONNX's TopK of a whole row, which keeps the order of equal elements."""
    from onnxscript import opset18

    return opset18.TopK(values, opset18.Shape(values), axis=dim, largest=int(descending), sorted=1)
