"""Positions inside a frame, without time.

Shapes: B clips, T frames, D model width, h w key pixels.
"""

from mmdet.models.layers import SinePositionalEncoding
from mmdet.registry import MODELS
from torch import Tensor


@MODELS.register_module()
class FrameSinePositionalEncoding(SinePositionalEncoding):
    """Mask2Former's encoding for images, the same in every frame of a clip.

    mmdet's 3D encoding adds a wave over time, even to a single frame, which weights trained on images do not
    expect.
    """

    def forward(self, mask: Tensor) -> Tensor:
        """Encoding (B, T, D, h, w) for a padding mask (B, T, h, w)."""
        return super().forward(mask.flatten(0, 1)).unflatten(0, mask.shape[:2])
