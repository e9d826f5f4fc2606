"""What is written into the memory of objects, and how past features and found masks are read."""

import math

import pytest
import torch

from gvseg.models.query_initializers import ExemplarQueries
from gvseg.models.query_initializers.object_memory import MemoryRules
from gvseg.models.structures import KnownMasks, ObjectMemory

from .test_exemplar_matching import clip, features, matching, square_at


def memory(ids: list[int], past: torch.Tensor | None = None) -> ObjectMemory:
    """Objects with features of two channels, all 1."""
    count, ones = len(ids), torch.ones(len(ids), 2)
    frames = torch.zeros(count, dtype=torch.long)
    fields = (torch.tensor(ids), ones, ones, torch.zeros(count, 2), torch.zeros(count, 4, 3), frames, frames)
    given = () if past is None else (past,)
    return ObjectMemory(*fields, torch.ones_like(frames), *given)


def test_past_features_are_pushed_where_an_object_is_written() -> None:
    rules, past = MemoryRules(capacity=2), torch.zeros(2, 2, 2)
    for value in (1.0, 2.0, 3.0):
        past = rules.push(past, torch.full((2, 2), value), torch.tensor([True, value == 1]))
    assert past[..., 0].tolist() == [[3.0, 2.0], [1.0, 0.0]]


def test_the_mean_of_past_features_is_weighted_by_their_likeness_to_the_latest() -> None:
    latest = torch.tensor([[2.0, 0.0]])
    past = torch.tensor([[[4.0, 0.0], [0.0, 3.0], [0.0, 0.0]]])  # cosines 1 and 0; the last is not filled
    found = MemoryRules(capacity=3, scale=1.0).read(past, latest)
    total = 2 * math.e + 1
    torch.testing.assert_close(found, torch.tensor([[6 * math.e / total, 3 / total]]))
    assert MemoryRules().read(torch.zeros(1, 0, 2), latest) is latest


def test_doubtful_and_jumping_objects_are_not_written() -> None:
    confidence = torch.tensor([0.9, 0.5, 0.9])
    first = torch.zeros(3, 2, 2)
    first[:, 0, 0] = 1
    last = first.clone()
    last[2, 1, 1] = 0.6  # dH = 0.6
    assert MemoryRules().trusted(confidence, first, last).tolist() == [True] * 3
    assert MemoryRules(min_confidence=0.7).trusted(confidence, first, last).tolist() == [True, False, True]
    assert MemoryRules(max_change=0.5).trusted(confidence, first, last).tolist() == [True, True, False]


def test_joined_memories_keep_the_past_of_known_objects() -> None:
    past = torch.tensor([[[5.0, 5.0]]])
    joined = memory([4], past).joined(memory([4, 9], torch.zeros(2, 1, 2)))
    assert joined.ids.tolist() == [4, 9] and joined.past[..., 0].tolist() == [[5.0], [0.0]]
    assert memory([4]).past.shape == (1, 0, 2)


def test_the_initialiser_remembers_as_many_features_as_it_is_told() -> None:
    part = ExemplarQueries(num_queries=2, in_channels=2, embed_dims=4, level=0, memory=dict(capacity=2)).eval()
    found = memory([1, 2], torch.zeros(2, 2, 2))
    masks = torch.ones(2, 1, 4, 4, dtype=torch.bool)
    for value in (3.0, 7.0):
        found = part.remember(
            [torch.full((1, 2, 4, 4), value)], found, masks, torch.tensor([True, False]), torch.zeros(2, 4, 3)
        )
    assert found.past[..., 0].tolist() == [[7.0, 3.0], [0.0, 0.0]] and found.appearance[:, 0].tolist() == [7.0, 1.0]


def test_frames_in_which_masks_were_found_are_kept_until_there_are_too_many() -> None:
    known, keys = KnownMasks(), torch.zeros(2, 4, 8)
    known.add(7, 0, torch.ones(4, 8), keys)
    for frame in (2, 4, 6):
        known.add_found(frame, {7: torch.ones(4, 8)}, keys, capacity=2)
    assert sorted(known.masks) == sorted(known.keys) == [0, 4, 6] and known.found == (4, 6)
    assert known.frames_of(7) == [0]  # shown
    copy = known.copied()
    copy.add(7, 4, torch.zeros(4, 8), keys)  # shown there now
    assert copy.found == (6,) and copy.frames_of(7) == [0, 4] and known.found == (4, 6)


@pytest.mark.parametrize(('every', 'kept'), [(2, (2, 4)), (3, (4,)), (9, ())])
def test_one_frame_in_so_many_is_kept(every: int, kept: tuple[int, ...]) -> None:
    part = matching(at_test=dict(found=dict(every=every, capacity=5))).eval()
    logits, known = torch.full((1, 3, 8, 16), -9.0), None
    logits[0, :, 2:6, 2:6] = 9.0
    for start in (0, 2):
        shown = ((7,), [square_at(1)]) if start == 0 else ()
        frames = clip([start, start + 1, start + 2], *shown, known_masks=known)
        known = part.remember(features(1, 2, 3), frames, [7], logits, [True])
    assert known.found == kept


def test_a_found_frame_is_matched_like_one_that_was_shown() -> None:
    part, known = matching(gains=(0.0, 1.0)).eval(), KnownMasks()
    keys = part.make_keys(features(1), 1)[0, 0]
    mask = torch.zeros(4, 8)
    mask[1:3, 1:3] = 1
    known.add_found(0, {7: mask}, keys, capacity=1)
    known.last[7] = (0, mask)
    with torch.no_grad():
        priors = part(features(5), clip([9], known_masks=known), torch.tensor([[7]]))
    assert (priors[0, 0, 0] > 0)[square_at(5)[2::4, 2::4]].float().mean() > 0.7
