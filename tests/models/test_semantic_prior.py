"""Class queries beside a semantic branch: whose logits they get, and that the masks' losses train it."""

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict
from torch import nn

from gvseg.models.query_initializers import SemanticPriorQueries
from gvseg.models.query_initializers.semantic_prior import log_odds
from gvseg.utils.errors import ConfigError
from tests.models import builders
from tests.models.samples import clip_sample, pixels
from tests.models.test_query_initializers import D, T, context

NECK = dict(type='FPN', in_channels=[D], out_channels=4, num_outs=1)
HEAD = dict(type='mmseg.FPNHead', in_channels=[4], in_index=[0], feature_strides=[4], channels=4)


def queries(**settings) -> SemanticPriorQueries:
    return SemanticPriorQueries(
        **dict(dict(num_queries=3, classes=(0, 3), embed_dims=D, aligned=True, neck=NECK, head=HEAD), **settings)
    )


def test_odds_of_two_equal_classes_are_even() -> None:
    logits = torch.tensor([0.0, 0.0, -100.0]).log_softmax(0)[None, :, None, None]
    assert log_odds(logits).flatten()[:2].tolist() == pytest.approx([0, 0], abs=1e-5)
    three = log_odds(torch.tensor([2.0, 0.0])[None, :, None, None]).flatten()
    assert three.tolist() == pytest.approx([2, -2], abs=1e-5)  # of two classes: the difference of their logits
    assert log_odds(torch.tensor([99.0, 0.0])[None, :, None, None]).max() == pytest.approx(13.8, abs=0.1)


class ByChannel(nn.Module):
    """A branch whose class logits are the first three channels of the backbone's map."""

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        return maps[0][:, :3]


def test_every_query_gets_the_odds_of_its_class() -> None:
    part = queries()
    part.neck, part.head = nn.Identity(), ByChannel()
    given = context(3, clips=2)
    found = part.mask_prior(given.features, given.clips, part.train()(given))
    assert found.shape == (2, 3, T, 8, 8)
    expected = log_odds(given.features[0][:, :3])  # channels: column, row, 0
    for name in range(3):
        assert torch.allclose(found[1, name, 1], expected[3, name])
    part.prototypes.seen[:] = torch.tensor([True, False, True])  # at test, class 1 has no query
    found = part.mask_prior(given.features, given.clips, part.eval()(given))
    assert found.shape[1] == 2 and torch.allclose(found[0, 1, 0], expected[0, 2])


def test_queries_must_stand_for_classes() -> None:
    with pytest.raises(ConfigError, match='aligned=True'):
        queries(aligned=False)


def test_the_losses_of_masks_train_the_branch() -> None:
    config = builders.vss_model()
    head = config['track_head']
    old = head['query_initializer']
    channels = head['in_channels']
    head['query_initializer'] = dict(
        old,
        type='SemanticPriorQueries',
        aligned=True,
        neck=dict(type='FPN', in_channels=channels, out_channels=8, num_outs=4),
        head=dict(HEAD, in_channels=[8] * 4, in_index=[0, 1, 2, 3], feature_strides=[4, 8, 16, 32]),
    )
    model = MODELS.build(ConfigDict(config)).train()
    losses = model.loss(pixels(1), [clip_sample('a', [0, 1, 2], 6)])
    model.parse_losses(losses)[0].backward()
    part = model.track_head.query_initializer
    assert part.head.conv_seg.weight.grad.abs().sum() > 0
    assert part.neck.lateral_convs[0].conv.weight.grad.abs().sum() > 0
