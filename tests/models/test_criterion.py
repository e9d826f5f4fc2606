"""Points of the losses, and how they are normalised, on masks of which a reader can say the loss."""

import math

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict
from mmengine.structures import InstanceData

import gvseg.models  # noqa: F401
from gvseg.models.losses.point_sampling import uncertain_points
from gvseg.models.losses.set_criterion import SetCriterion
from gvseg.models.structures import ClipBatch
from gvseg.utils.errors import ConfigError
from tests.models.builders import head_config

pytestmark = pytest.mark.usefixtures('mmdet_scope')


def criterion(**settings) -> SetCriterion:
    """Of a small head with these settings of ``train_cfg``."""
    config = head_config(num_classes=2)
    config.update(type='GvSegHead', query_initializer=dict(type='LearnedQueries', num_queries=config['num_queries']))
    config['train_cfg'] = {**config['train_cfg'], **settings}
    return MODELS.build(ConfigDict(config)).criterion


def clips(frames: int, real: tuple[int, int], padded: tuple[int, int]) -> ClipBatch:
    """One clip with one tube, everywhere in the real frame."""
    masks = torch.zeros(1, frames, *padded, dtype=torch.bool)
    masks[..., : real[0], : real[1]] = True
    target = InstanceData(labels=torch.tensor([0]), masks=masks, ids=torch.tensor([1]))
    return ClipBatch(frames, padded, torch.tensor([real], dtype=torch.float32), [3], targets=[target])


def losses(part: SetCriterion, batch: ClipBatch, logits: torch.Tensor) -> dict[str, float]:
    """Mask and dice loss of a query with these logits that is assigned to the tube."""
    assigned = [(torch.tensor([0]), torch.tensor([0]))]
    found = part._mask_losses(logits[None], assigned, batch, 0, torch.ones(2))
    return {name: value.item() for name, value in found.items()}


@pytest.mark.parametrize(('norm', 'power'), [('mmdet', 2), ('detectron2', 1)])
def test_the_mask_loss_grows_with_the_frames(norm: str, power: int) -> None:
    """Logits of 0 cost log 2 at every point: T times as much, or T x T; dice T times in both."""
    part = criterion(mask_loss_norm=norm)
    one, three = (losses(part, clips(frames, (32, 32), (32, 32)), torch.zeros(1, frames, 8, 8)) for frames in (1, 3))
    weight = part.losses['mask'].loss_weight
    assert one['mask'] == pytest.approx(weight * math.log(2), rel=1e-5)
    assert three['mask'] == pytest.approx(3**power * one['mask'], rel=1e-5)
    assert three['dice'] == pytest.approx(3 * one['dice'], rel=0.05)  # other points


def test_an_unknown_norm_is_refused() -> None:
    with pytest.raises(ConfigError, match="'mmdet' or 'detectron2', not 'mean'"):
        criterion(mask_loss_norm='mean')


def test_points_in_the_real_frame_do_not_ask_for_the_padding() -> None:
    """The network says that the object is in the padding too."""
    logits = torch.full((1, 2, 8, 8), 2.0)
    wide = torch.full((1, 2, 8, 16), 2.0)
    alone, padded = clips(2, (32, 32), (32, 32)), clips(2, (32, 32), (32, 64))
    part = criterion(points_in_padding=False)
    # Bilinear values beside the border mix in what is behind it, so a few points differ.
    expected, found = losses(part, alone, logits), losses(part, padded, wide)
    assert found['mask'] == pytest.approx(expected['mask'], rel=0.15)
    literal = losses(criterion(), padded, wide)
    assert literal['mask'] > 3 * expected['mask']


def test_points_lie_in_the_real_frame_and_cover_it() -> None:
    masks = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    points = uncertain_points(masks, 50, 3.0, 0.75, 1, torch.tensor([[1.0, 0.5], [0.25, 1.0]])).view(2, 3 * 50, 2)
    for found, (width, height) in zip(points, ((1.0, 0.5), (0.25, 1.0))):
        assert (found >= 0).all() and (found.amax(0) <= torch.tensor([width, height])).all()
        assert (found.amax(0) > 0.9 * torch.tensor([width, height])).all()


def test_most_points_are_where_the_network_is_unsure() -> None:
    masks = torch.full((1, 1, 8, 8), 9.0)
    masks[..., 4] = 0.0  # one column of eight
    points = uncertain_points(masks, 100, 3.0, 0.75, 1, torch.ones(1, 2))
    beside = (points[0, :, 0] - 4.5 / 8).abs() < 1.0 / 8
    assert beside.sum() >= 50  # 25 where points are anywhere; beside the border, where 0 is mixed in, are others
