"""Which frames of a clip are described for linking it to the next."""

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

from gvseg.models.structures import has_pixels

from .builders import vis_model

pytestmark = pytest.mark.usefixtures('mmdet_scope')


def test_has_pixels_is_any_logit_above_zero() -> None:
    logits = torch.tensor([[-1.0, -2.0], [-1.0, 0.0], [-1.0, 0.1]]).view(3, 1, 1, 2)
    assert has_pixels(logits).tolist() == [[False], [False], [True]]
    assert has_pixels(torch.zeros(0, 2, 4, 4)).shape == (0, 2)


@pytest.mark.parametrize('frames', [1, 2, 3, 5])
def test_the_first_and_the_last_frame_are_described_as_ever(frames: int) -> None:
    head = MODELS.build(ConfigDict(vis_model())).track_head
    generator = torch.Generator().manual_seed(frames)
    logits = torch.randn(7, frames, 12, 16, generator=generator) - 5 * torch.randint(
        2, (7, frames, 1, 1), generator=generator
    )
    logits[3] = -1.0  # a tube without pixels
    present, size = has_pixels(logits), torch.tensor([12.0, 15.0])
    everything, ends = head.descriptors.per_frame(logits > 0, size), head.descriptors.first_last(logits, present, size)
    for tube in (0, 1, 2, 4, 5, 6):
        frame = present[tube].nonzero().flatten()
        if len(frame):
            torch.testing.assert_close(ends[tube], everything[tube, frame[[0, -1]]], rtol=0, atol=1e-6)
    assert ends.shape == (7, 2, *everything.shape[2:]) and not ends[3].any()
