"""The network of one clip as a graph: everything from pixels to masks, descriptors and query embeddings.

Linking clips (the associator) and the task's output stay in Python: they are a Hungarian assignment and a few
comparisons. Graphs have one input size.

Shapes: T frames, N queries, C classes, D model width, H W input pixels, h w mask pixels, u v descriptor bins.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import torch
from torch import Tensor, nn

from gvseg.core.descriptors import contour_points, dense
from gvseg.models.layers.fixed_size import make_exportable
from gvseg.models.query_initializers import PrototypeQueries
from gvseg.models.structures import ClipBatch
from gvseg.utils.errors import ConfigError

OUTPUTS = ('probabilities', 'masks', 'embeddings', 'descriptors', 'present')
ONNX_OPSET = 18


class SettledPrototypeQueries(PrototypeQueries):
    """Which classes have prototypes is settled when the graph is made."""

    def known_classes(self) -> list[int]:
        return self.settled


def freeze_prototypes(initializer: nn.Module) -> None:
    """Let no part of a query initialiser ask for values that are only known when a graph runs."""
    for part in initializer.modules():
        if isinstance(part, PrototypeQueries):
            part.settled = part.known_classes()
            part.__class__ = SettledPrototypeQueries


class ClipNetwork(nn.Module):
    """Backbone and head of a segmenter for clips of T frames of one size.

    Args:
        model: a :class:`gvseg.models.segmenters.GvSeg` in evaluation mode. Its layers are exchanged for those of
            ``fixed_size``: use a model that is loaded for the export.

    Raises:
        ConfigError: the model has a part that no graph can hold.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        if type(model.track_head.query_initializer).__name__ == 'ExemplarQueries':
            raise ConfigError(
                'Queries of shown objects change in number from clip to clip: a graph cannot hold them. '
                'Export a VIS, VSS or VPS config.'
            )
        self.backbone = model.backbone
        try:
            self.head = make_exportable(model.track_head)
        except TypeError as error:
            raise ConfigError(f'The model cannot be exported: {error}.') from error
        freeze_prototypes(self.head.query_initializer)
        # No list of contour pixels, whose length a graph would not know.
        self.head.descriptors.backend = 'dense'
        self.register_buffer('pixel_mean', model.data_preprocessor.mean.view(1, 3, 1, 1), persistent=False)
        self.register_buffer('pixel_std', model.data_preprocessor.std.view(1, 3, 1, 1), persistent=False)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """What :class:`gvseg.models.structures.ClipPrediction` holds of a clip.

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


@contextmanager
def graph_descriptors() -> Iterator[None]:
    """Make tables afresh: one kept from a graph would be no real tensor, and one kept for it no part of it."""
    with ExitStack() as stack:
        for module, name in ((dense, 'bin_centres'), (dense, 'pixel_centres'), (contour_points, 'off_border')):
            stack.enter_context(patch.object(module, name, getattr(module, name).__wrapped__))
        yield


def export_program(network: ClipNetwork, frames: Tensor) -> torch.export.ExportedProgram:
    """The network as ``torch.export`` has it, for inputs of the size of ``frames`` (T, 3, H, W)."""
    with torch.no_grad(), graph_descriptors():
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
    """ONNX's TopK of all elements of a row: equal ones keep their order, which is all that "stable" asks."""
    from onnxscript import opset18

    return opset18.TopK(values, opset18.Shape(values), axis=dim, largest=int(descending), sorted=1)
