"""Export-friendly layers with static shapes and the same numbers; used by export only.

Every query is described, where :class:`PredictedCues` selects the confident ones.

Shapes: N queries.
"""

from torch import Tensor, nn

from .cue_injection import LayerState, PredictedCues
from .level_pixel_decoder import LevelPixelDecoder


class FixedSizeCues(PredictedCues):
    """Cues computed for every query and kept for the confident ones."""

    def _clip_cues(self, state: LayerState, clip: int, chosen: Tensor) -> Tensor:
        return state.tube_cues(clip, state.masks(clip, slice(None)) > 0) * chosen[:, None]


def make_exportable(head: nn.Module) -> nn.Module:
    """Exchange the layers of a head that a graph cannot hold; parameters stay as they are.

    Raises:
        TypeError: its pixel decoder is neither the deformable nor the dense one.
    """
    if not isinstance(head.pixel_decoder, LevelPixelDecoder):
        raise TypeError(
            f'{type(head.pixel_decoder).__name__} cannot be exported, DeformablePixelDecoder and DensePixelDecoder can'
        )
    if head.cue_injection is not None:
        head.cue_injection.__class__ = FixedSizeCues
    return head
