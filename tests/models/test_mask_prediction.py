"""Masks at the sizes at which they are read equal upstream's, which are resized from the largest."""

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict
from torch.nn.functional import interpolate

from gvseg.models.heads.mask_prediction import MaskFeatures, unmask_empty_rows
from tests.models.builders import evs_model, vis_model, vps_model, vss_model
from tests.models.samples import clip_sample, pixels


@pytest.fixture
def features() -> MaskFeatures:
    return MaskFeatures(torch.randn(2, 3, 16, 24, 40, generator=torch.Generator().manual_seed(0)))


def test_shrinking_features_shrinks_masks(features):
    embeddings = torch.randn(2, 5, 16, generator=torch.Generator().manual_seed(1))
    masks = features.masks(embeddings)
    torch.testing.assert_close(masks, torch.einsum('bnc,btchw->bnthw', embeddings, features.full))
    small = interpolate(masks.flatten(0, 1), (6, 10), mode='bilinear', align_corners=False).view(2, 5, -1)
    sure = small.abs() > 2e-5
    assert torch.equal(features.hidden(embeddings, (6, 10))[sure], (small < 0)[sure]) and sure.float().mean() > 0.999


def test_some_queries_of_a_clip(features):
    embeddings = torch.randn(2, 5, 16, generator=torch.Generator().manual_seed(1))
    chosen = torch.tensor([3, 0])
    torch.testing.assert_close(features.tubes(1, chosen, embeddings[1, chosen]), features.masks(embeddings)[1, chosen])
    assert features.tubes(1, slice(0), embeddings[1, :0]).shape == (0, 3, 24, 40)


def test_a_prior_is_added_at_every_size(features):
    generator = torch.Generator().manual_seed(1)
    embeddings, prior = torch.randn(2, 5, 16, generator=generator), torch.randn(2, 5, 3, 24, 40, generator=generator)
    masks, chosen = features.masks(embeddings) + prior, torch.tensor([3, 0])
    with_prior = MaskFeatures(features.full, prior)
    torch.testing.assert_close(with_prior.masks(embeddings), masks)
    torch.testing.assert_close(with_prior.tubes(1, chosen, embeddings[1, chosen]), masks[1, chosen])
    small = interpolate(masks.flatten(0, 1), (6, 10), mode='bilinear', align_corners=False).view(2, 5, -1)
    sure = small.abs() > 2e-5
    assert torch.equal(with_prior.hidden(embeddings, (6, 10))[sure], (small < 0)[sure])


def test_only_a_query_that_may_look_nowhere_looks_everywhere():
    hidden = torch.tensor([[[True, True], [True, False]]])
    assert unmask_empty_rows(hidden).tolist() == [[[False, False], [True, False]]]


@pytest.mark.parametrize('model', [vis_model, vss_model, vps_model, evs_model])
def test_the_last_masks_do_not_need_the_others(model):
    torch.manual_seed(0)
    model = MODELS.build(ConfigDict(model())).eval()
    if model.track_head.cue_injection is not None:
        model.track_head.cue_injection.confidence = 0.0  # every query is described
    head, frames = model.track_head, pixels(1)[0]
    with torch.no_grad():
        found = []
        for every_mask in (True, False):
            x = model.backbone(frames)
            clips = head.clip_batch(x, clip_sample('video', [0, 1, 2], 3, exemplars=True), with_targets=False)
            found.append(head.decode(x, clips, every_mask))
    every, last = found
    assert len(every.masks) == head.num_transformer_decoder_layers + 1 and len(last.masks) == 1
    torch.testing.assert_close(last.masks[-1], every.masks[-1], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(last.embeddings, every.embeddings, rtol=1e-4, atol=1e-4)
    for one, other in zip(last.classes, every.classes):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
