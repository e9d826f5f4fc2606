"""Queries that continue those of the last frame, on both networks, beside both ways of linking."""

import numpy as np
import pytest
import torch
from mmdet.registry import MODELS, TASK_UTILS
from mmengine.config import ConfigDict

from gvseg.models.query_initializers import PropagatedQueries
from gvseg.models.structures import ClipBatch, QueryContext
from gvseg.utils.errors import ConfigError
from tests.models.builders import vis_model
from tests.models.samples import clip_sample, pixels

D = 4
LEARNED = dict(type='LearnedQueries', num_queries=2)


def context(last: torch.Tensor | None, queries: int = 2) -> QueryContext:
    clips = ClipBatch(1, (8, 8), torch.tensor([[8.0, 8.0]]), seeds=[0])
    feature = torch.arange(float(queries * D)).reshape(queries, D)
    return QueryContext([], clips, feature, torch.zeros(queries, D), num_classes=3, last_queries=last)


def doubling() -> PropagatedQueries:
    """The linear layer doubles what it gets and adds one."""
    part = PropagatedQueries(LEARNED, D)
    with torch.no_grad():
        part.updater.weight.copy_(2 * torch.eye(D))
        part.updater.bias.fill_(1)
    return part


def test_queries_are_learned_ones_plus_a_linear_function_of_the_last_frames() -> None:
    part, learned = doubling(), context(None).feature[None]
    assert torch.equal(part(context(None)).feature, learned)
    last = torch.ones(1, 2, D)
    assert torch.equal(part(context(last)).feature, learned + 3)
    untrained = PropagatedQueries(LEARNED, D)
    assert torch.equal(untrained(context(last)).feature, learned), 'training starts from the learned queries'


def test_beside_other_queries_each_continues_its_own() -> None:
    both = MODELS.build(dict(type='CombinedQueries', parts=[LEARNED, LEARNED]))
    both.parts[0] = doubling()
    last = torch.cat((torch.ones(1, 2, D), torch.full((1, 2, D), 9.0)), 1)
    found = both(context(last, 4)).feature - context(None, 4).feature
    assert both.propagates and torch.equal(found[0, :, 0], torch.tensor([3.0, 3.0, 0.0, 0.0]))


def test_another_number_of_queries_and_exemplars_are_refused() -> None:
    with pytest.raises(ConfigError, match='2 queries cannot continue 3'):
        doubling()(context(torch.ones(1, 3, D)))
    exemplars = dict(type='ExemplarQueries', num_queries=2, in_channels=D, embed_dims=D)
    with pytest.raises(ConfigError, match='cannot continue ExemplarQueries'):
        PropagatedQueries(exemplars, D)


def propagating(associator: str) -> torch.nn.Module:
    """Mask2Former's decoder with queries that propagate."""
    config = vis_model()
    learned = dict(type='LearnedQueries', num_queries=20)
    config['track_head'].update(query_initializer=dict(type='PropagatedQueries', source=learned, embed_dims=64))
    config['associator'] = dict(type=associator)
    torch.manual_seed(0)
    model = MODELS.build(ConfigDict(config))
    torch.nn.init.normal_(model.track_head.query_initializer.updater.weight, std=0.1)
    return model


def test_a_clip_is_decoded_as_its_frames_are_one_after_another() -> None:
    model, inputs = propagating('SPAAssociator').eval(), pixels(1, 3)[0]

    def decode(first: int, end: int, last: torch.Tensor | None):
        frames = inputs[first:end]
        sample = clip_sample('a', list(range(first, end)), 9)
        clips = model.track_head.clip_batch(frames, [sample], with_targets=False)
        clips.last_queries = last
        with torch.no_grad():
            return model.track_head.decode(model.backbone(frames), clips)

    together, alone, last = decode(0, 3, None), [], None
    for index in range(3):
        alone.append(decode(index, index + 1, last))
        last = alone[-1].final_queries
    for layer in range(len(together.masks)):
        torch.testing.assert_close(together.masks[layer], torch.cat([one.masks[layer] for one in alone], 2))
        mean = torch.stack([one.classes[layer] for one in alone]).mean(0)
        torch.testing.assert_close(together.classes[layer], mean)
    torch.testing.assert_close(together.final_queries, last)
    assert not torch.allclose(decode(2, 3, None).masks[-1], alone[2].masks[-1]), 'the state matters'


def test_the_linear_layer_learns_from_clips_of_several_frames() -> None:
    model = propagating('SPAAssociator').train()
    model.track_head.contrastive = None
    losses = model.loss(pixels(1, 3), [clip_sample('a', [0, 1, 2], 9)])
    sum(losses.values()).backward()
    assert float(model.track_head.query_initializer.updater.weight.grad.abs().sum()) > 0


@pytest.mark.parametrize('associator', ['SPAAssociator', 'SameQueryAssociator'])
def test_both_ways_of_linking_follow_a_video_and_forget_it(associator: str) -> None:
    model, inputs = propagating(associator).eval(), pixels(1, 3)

    def run(video: str, frame: int) -> torch.Tensor:
        with torch.no_grad():
            model.predict(inputs[:, frame : frame + 1], [clip_sample(video, [frame], 9)])
        return model.state.last_queries

    first = run('a', 0)
    assert not torch.equal(run('a', 1), first)
    assert torch.equal(run('b', 0), first), 'a new video starts from the learned queries'


def test_a_query_keeps_its_identity_however_it_looks() -> None:
    model = propagating('SameQueryAssociator').eval()
    inputs = pixels(1, 1)[0]
    clips = model.track_head.clip_batch(inputs, [clip_sample('a', [0], 9)], with_targets=False)
    with torch.no_grad():
        clip = model.predict_clip(inputs, clips)
    associator = TASK_UTILS.build(dict(type='SameQueryAssociator'))
    associator.track(clip)
    clip.embeddings = clip.embeddings.flip(0)
    assert np.array_equal(associator.track(clip).numpy(), np.arange(20))
