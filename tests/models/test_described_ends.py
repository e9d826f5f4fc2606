"""Which frames of a clip are described for linking it to the next."""

import numpy as np
import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

from gvseg.core.query_set import QuerySet
from gvseg.models.structures import has_pixels
from gvseg.models.tracking import SPAAssociator

from .builders import vis_model
from .samples import clip_sample, pixels

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


def test_others_than_the_chosen_get_zeros() -> None:
    head = MODELS.build(ConfigDict(vis_model())).track_head
    logits, size = torch.randn(3, 2, 12, 16, generator=torch.Generator().manual_seed(0)), torch.tensor([12.0, 16.0])
    everything = head.descriptors.first_last(logits, has_pixels(logits), size)
    found = head.descriptors.first_last(logits, has_pixels(logits), size, torch.tensor([True, False, True]))
    assert torch.equal(found[[0, 2]], everything[[0, 2]]) and everything[1].any() and not found[1].any()


@pytest.mark.parametrize(
    'settings, described',
    [
        ({}, [True, False, False, True]),  # confident things, and the shown object
        (dict(stuff=dict(appearance=True, shape_position=True)), [True, False, True, True]),
        (dict(thing=dict(appearance=True, shape_position=False)), [False, False, False, True]),
        (dict(confident_only=False), [True] * 4),
        (dict(similarity=dict(type='WeightedCues', shape_similarity='centred')), [True] * 4),
        (dict(similarity=dict(type='WeightedCues')), [True, False, False, True]),
    ],
)
def test_queries_that_nothing_reads_are_not_described(settings: dict, described: list[bool]) -> None:
    confidence = torch.tensor([0.9, 0.1, 0.9, 0.1])  # a thing, no object, stuff, a shown object that is not seen
    queries = QuerySet(
        *torch.zeros(3, 1, 4, 8),
        classes=torch.ones(4, 1),
        is_thing=torch.tensor([True, True, False, True]),
        objects=torch.tensor([[-1, -1, -1, 7]]),
    )
    associator = SPAAssociator(**settings)
    assert associator.described(torch.stack((confidence, 1 - confidence), 1), queries).tolist() == described


@torch.no_grad()
def test_identities_are_those_of_a_run_in_which_all_are_described() -> None:
    torch.manual_seed(0)
    model = MODELS.build(ConfigDict(vis_model())).eval()
    model.init_weights()
    calls: list[int] = []

    def run() -> list[np.ndarray]:
        found = []
        for start in range(0, 12, 3):
            sample = clip_sample('a', [start, start + 1, start + 2], 12)
            model.predict(pixels(1, seed=start), [sample])
            found.append(model.associator.state.embeddings.copy())
        return found

    sample = clip_sample('a', [0, 1, 2], 12)
    batch = model.track_head.clip_batch(pixels(1), [sample], with_targets=False)
    model.associator.confidence = float(model.predict_clip(pixels(1)[0], batch).confidence.median())
    read = model.associator.described
    model.associator.described = lambda *clip: (calls.append(int(read(*clip).sum())), read(*clip))[1]
    some = run()
    assert max(calls) > 0 and min(calls) < model.track_head.num_queries
    model.associator.described = lambda probabilities, queries: torch.ones_like(queries.is_thing)
    assert all((one == other).all() for one, other in zip(some, run()))
