"""Layers with static shapes and the same numbers, for export.

Shapes:
    N: queries.
"""

from mmdet.registry import MODELS
from torch import Tensor

from .cue_injection import LayerState, PredictedCues


@MODELS.register_module()
class FixedSizeCues(PredictedCues):
    """Cues computed for every query and kept for the confident ones."""

    def _clip_cues(self, state: LayerState, clip: int, chosen: Tensor) -> Tensor:
        return state.tube_cues(clip, state.masks(clip, slice(None)) > 0) * chosen[:, None]
