"""Query initialisers on features whose means a reader knows."""

from dataclasses import replace

import pytest
import torch

from gvseg.core.query_set import QuerySet
from gvseg.models.query_initializers import (
    CombinedQueries,
    ExemplarQueries,
    GridQueries,
    LearnedQueries,
    PrototypeQueries,
)
from gvseg.models.structures import ClipBatch, ExemplarBatch, ObjectMemory, QueryContext
from gvseg.utils.errors import ConfigError

D, T = 8, 2


def context(queries: int, clips: int = 1, num_classes: int = 3, **fields) -> QueryContext:
    """Two feature maps; the channels of the first hold the pixel's column, row, and then zeros."""
    rows, columns = torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing='ij')
    features = torch.cat((torch.stack((columns, rows)), torch.zeros(D - 2, 8, 8))).expand(clips * T, -1, -1, -1)
    batch = ClipBatch(
        T,
        (32, 32),
        torch.full((clips, 2), 32.0),
        list(range(clips)),
        frame_ids=torch.tensor([[6, 7]]).expand(clips, -1),
        **fields,
    )
    learned = torch.arange(queries * D).float().view(queries, D)
    return QueryContext([features, features], batch, learned, -learned, num_classes)


def shown(points: list[list[float]], ids: list[int], frame: int = 0) -> ExemplarBatch:
    """Objects shown by one point each (fractions of the frame)."""
    count = len(ids)
    return ExemplarBatch(
        torch.tensor(ids, dtype=torch.long),
        torch.full((count,), frame),
        torch.tensor(points).view(count, 1, 2),
        torch.ones(count, 4, 3),
    )


def test_learned_queries_are_the_same_for_every_clip():
    queries = LearnedQueries(num_queries=5)(context(5, clips=3))
    assert queries.feature.shape == (3, 5, D)
    assert torch.equal(queries.feature[0], queries.feature[2]) and queries.classes.all() and queries.takes_cues.all()
    assert queries.is_thing.all()


def test_grid_queries_are_spaced_at_test_and_drawn_by_the_clips_seed_in_training():
    grid = GridQueries(grid=4, in_channels=D, embed_dims=D, num_queries=4, classes=(0, 2))
    given = context(4, clips=2)
    assert grid.eval()._choose(given.clips.seeds, torch.device('cpu')).tolist() == [[2, 6, 10, 14]] * 2
    first, again = (grid.train()._choose([7, 8], torch.device('cpu')) for _ in range(2))
    assert torch.equal(first, again) and not torch.equal(first[0], first[1])
    queries = grid.eval()(given)
    assert queries.classes.tolist() == [[True, True, False]] * 4
    assert not grid.reads_learned_features


def test_residual_grid_queries_begin_as_the_learned_ones_and_learn_from_the_grid():
    grid = GridQueries(grid=2, in_channels=D, embed_dims=D, num_queries=4, residual=True).train()
    given = context(4, clips=2)
    queries = grid(given)
    assert torch.equal(queries.feature[1], given.feature)
    assert grid.reads_learned_features
    queries.feature.sum().backward()
    assert grid.gain.grad.abs().sum() > 0
    with torch.no_grad():
        grid.gain += 1
    assert not torch.equal(grid(given).feature[1], given.feature)


def test_a_grid_with_too_few_cells_is_refused():
    with pytest.raises(ValueError, match='raise `grid`'):
        GridQueries(grid=2, in_channels=D, embed_dims=D, num_queries=5)


def test_prototypes_are_means_of_matched_initial_queries():
    prototypes = PrototypeQueries(num_queries=4, embed_dims=D, classes=(1, 3), momentum=0.5)
    given = context(4)
    assert torch.equal(prototypes.eval()(given).feature[0], given.feature)  # nothing seen yet: the learned ones
    initial = torch.cat((torch.full((1, 2 * D), 2.0), torch.full((1, 2 * D), 4.0), torch.full((1, 2 * D), 9.0)))
    prototypes.update_memory(torch.tensor([1, 1, 0]), initial, initial[:, :D])  # class 0 is not one of these queries'
    prototypes.update_memory(torch.tensor([1, 2]), torch.full((2, 2 * D), 5.0), initial[:2, :D])
    queries = prototypes.eval()(given)
    # Class 1: (2 + 4) / 2 = 3, then half way to 5 = 4; class 2: 5 at first sight.
    assert queries.feature[0, :, 0].tolist() == [4.0, 5.0] and queries.position[0, :, 0].tolist() == [4.0, 5.0]
    assert queries.classes.tolist() == [[False, True, False], [False, False, True]]
    assert not queries.takes_cues.any() and prototypes.fill() == 1.0
    assert prototypes.train()(given).feature.shape[1] == 4


def test_prototypes_of_final_embeddings_keep_the_initial_position():
    prototypes = PrototypeQueries(num_queries=4, embed_dims=D, classes=(1, 3), absorb='final')
    initial = torch.cat((torch.full((2, D), 2.0), torch.full((2, D), 4.0)), 1)
    final = torch.stack((torch.full((D,), 6.0), torch.full((D,), 8.0)))
    prototypes.update_memory(torch.tensor([1, 1]), initial, final)
    queries = prototypes.eval()(context(4))
    assert queries.feature[0, 0].tolist() == [7.0] * D and queries.position[0, 0].tolist() == [4.0] * D
    with pytest.raises(ConfigError, match="absorb of PrototypeQueries is 'initial' or 'final', not 'mean'"):
        PrototypeQueries(num_queries=4, embed_dims=D, classes=(1, 3), absorb='mean')


def test_a_class_that_training_never_met_has_no_query_at_test():
    prototypes = PrototypeQueries(num_queries=4, embed_dims=D, classes=(0, 3))
    prototypes.update_memory(torch.tensor([0, 2]), torch.full((2, 2 * D), 5.0), torch.zeros(2, D))
    queries = prototypes.eval()(context(4))
    assert queries.feature.shape == (1, 2, D) and queries.is_thing.tolist() == [False, False]
    assert queries.classes.tolist() == [[True, False, False], [False, False, True]]


def test_free_prototypes_are_mixtures_and_learned_queries_may_be_tested_instead():
    """Query 0 is matched to class 0, then query 1: its prototype is their mean, (0 + 8) / 2 in the first channel."""
    prototypes = PrototypeQueries(num_queries=2, embed_dims=D, classes=(0, 2), momentum=0.5)
    given = context(2)
    initial = torch.cat((given.feature, given.position), -1)
    for query in (0, 1):
        prototypes.update_memory(torch.tensor([0]), initial[query : query + 1], initial[:1, :D])
    assert prototypes.train()(given).classes[:, :2].all()  # any query may become any class
    mixed = prototypes.eval()(given)
    assert mixed.feature[0, :, 0].tolist() == [4.0] and mixed.position[0, :, 0].tolist() == [-4.0]
    learned = PrototypeQueries(num_queries=2, embed_dims=D, classes=(0, 2), test_queries='learned').eval()
    learned.load_state_dict(prototypes.state_dict())
    assert torch.equal(learned(given).feature[0], given.feature) and learned(given).same_role().all()
    with pytest.raises(ConfigError, match="not 'both'"):
        PrototypeQueries(num_queries=2, embed_dims=D, classes=(0, 2), test_queries='both')


def test_aligned_prototypes_need_a_query_per_class():
    with pytest.raises(ValueError, match='num_queries=2'):
        PrototypeQueries(num_queries=4, embed_dims=D, classes=(1, 3), aligned=True)


def test_combined_queries_keep_their_roles():
    combined = CombinedQueries(
        parts=[
            dict(type='GridQueries', grid=2, in_channels=D, embed_dims=D, num_queries=3, classes=(0, 2)),
            dict(type='PrototypeQueries', num_queries=1, embed_dims=D, classes=(2, 3), aligned=True),
        ]
    ).eval()
    queries = combined(context(combined.num_queries))
    assert combined.num_queries == 4 and combined.reads_learned_features
    assert queries.takes_cues.tolist() == queries.is_thing.tolist() == [True, True, True, False]
    assert queries.same_role().int().tolist() == [[1, 1, 1, 0]] * 3 + [[0, 0, 0, 1]]


def test_a_point_takes_the_feature_under_it():
    exemplars = ExemplarQueries(num_queries=3, in_channels=D, embed_dims=D, level=0)
    given = context(3, exemplars=[shown([[0.4375, 0.6875]], [5], frame=1)])
    (memory,) = exemplars.encode_exemplars(given.features, given.clips)
    # (3.5 / 8, 5.5 / 8): the centre of column 3, row 5.
    torch.testing.assert_close(memory.appearance[0, :2], torch.tensor([3.0, 5.0]))
    assert memory.ids.tolist() == [5] and memory.places.tolist() == [[0.4375, 0.6875]]
    assert memory.first_frames.tolist() == memory.last_frames.tolist() == [7] and memory.counts.tolist() == [1]


def with_memories(exemplars: ExemplarQueries, given: QueryContext) -> QuerySet:
    """Queries as the head asks for them."""
    before = given.clips.memories
    queries = exemplars(replace(given, memories=exemplars.observe(given.features, given.clips)))
    assert given.clips.memories is before  # memories are returned, not written into the batch
    return queries


def test_objects_come_first_and_spare_queries_are_nobodys():
    exemplars = ExemplarQueries(num_queries=3, in_channels=D, embed_dims=D, level=0)
    given = context(3, clips=2, exemplars=[shown([[0.5, 0.5]], [5]), shown([], [])])
    queries = with_memories(exemplars.train(), given)
    assert queries.objects.tolist() == [[5, -1, -1], [-1, -1, -1]]
    assert torch.equal(queries.feature[1], given.feature)
    allowed = queries.allowed(0, torch.tensor([0, 0]), torch.tensor([5, 6]))
    assert allowed.tolist() == [[True, False], [False, False], [False, False]]


def test_more_objects_than_queries_get_queries_of_their_own_at_test():
    exemplars = ExemplarQueries(num_queries=2, in_channels=D, embed_dims=D, level=0).eval()
    given = context(2, exemplars=[shown([[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]], [1, 2, 3])])
    assert with_memories(exemplars, given).objects.tolist() == [[1, 2, 3]]


def test_memory_is_brought_up_to_date_where_an_object_was_seen():
    exemplars = ExemplarQueries(num_queries=2, in_channels=D, embed_dims=D, level=0)
    given = context(2)
    memory = known([1, 2], 0.0)
    masks = torch.zeros(2, T, 8, 8, dtype=torch.bool)
    masks[0, 1, 2:4, 4:8] = True  # rows 2-3, columns 4-7
    new = exemplars.remember(
        [feature[:T] for feature in given.features], memory, masks, torch.tensor([True, False]), torch.ones(2, 4, 3)
    )
    torch.testing.assert_close(new.appearance[0, :2], torch.tensor([5.5, 2.5]))
    torch.testing.assert_close(new.places[0], torch.tensor([6 / 8, 3 / 8]))
    assert not new.appearance[1].any() and not new.descriptors[1].any() and new.descriptors[0].all()


def known(ids: list[int], value: float, frame: int = 0) -> ObjectMemory:
    """Objects that were shown in one frame; all features are ``value``."""
    count = len(ids)
    filled, frames = torch.full((count, D), value), torch.full((count,), frame)
    return ObjectMemory(
        torch.tensor(ids),
        filled,
        filled,
        torch.zeros(count, 2),
        torch.zeros(count, 4, 3),
        frames,
        frames,
        torch.ones_like(frames),
    )


def test_a_new_exemplar_of_a_known_object_is_added_to_its_exemplars():
    joined = known([4, 7], 1.0).joined(known([9, 4], 2.0, frame=5))
    assert joined.ids.tolist() == [4, 7, 9] and joined.counts.tolist() == [2, 1, 1]
    assert joined.exemplar_appearance[:, 0].tolist() == [1.5, 1.0, 2.0]  # of object 4 the mean of 1 and 2
    assert joined.appearance[:, 0].tolist() == [2.0, 1.0, 2.0]  # what was seen last
    assert joined.first_frames.tolist() == [0, 0, 5] and joined.last_frames.tolist() == [5, 0, 5]
    third = joined.joined(known([4], 6.0, frame=8))
    assert third.exemplar_appearance[0, 0] == 3.0 and third.counts.tolist() == [3, 1, 1]  # (1 + 2 + 6) / 3


def test_an_exemplar_in_two_overlapping_clips_counts_once():
    seen = known([4], 1.0, frame=2).joined(known([4], 9.0, frame=3))
    again = seen.joined(known([4], 8.0, frame=3))
    assert again.exemplar_appearance[0, 0] == 5.0 and again.counts.tolist() == [2]  # (1 + 9) / 2
    assert again.appearance[0, 0] == 8.0 and again.last_frames.tolist() == [3]


def test_an_object_shown_twice_in_a_clip_is_one_object():
    exemplars = ExemplarQueries(num_queries=3, in_channels=D, embed_dims=D, level=0)
    first, second = shown([[0.0625, 0.5], [0.5625, 0.5]], [5, 6]), shown([[0.3125, 0.5]], [5], frame=1)
    both = ExemplarBatch(
        *(
            torch.cat((getattr(first, name), getattr(second, name)))
            for name in ('ids', 'frames', 'points', 'descriptors')
        )
    )
    given = context(3, exemplars=[both])
    (memory,) = exemplars.encode_exemplars(given.features, given.clips)
    assert memory.ids.tolist() == [5, 6] and memory.counts.tolist() == [2, 1]
    # Columns 0 and 2 of object 5, 4 of object 6.
    torch.testing.assert_close(memory.exemplar_appearance[:, 0], torch.tensor([1.0, 4.0]))
    torch.testing.assert_close(memory.appearance[:, 0], torch.tensor([2.0, 4.0]))
    assert memory.first_frames.tolist() == [6, 6] and memory.last_frames.tolist() == [7, 6]


def test_things_may_go_without_cues():
    grid = GridQueries(grid=2, in_channels=D, embed_dims=D, num_queries=3, takes_cues=False)
    queries = grid.eval()(context(3))
    assert queries.is_thing.all() and not queries.takes_cues.any()
    linked = PrototypeQueries(num_queries=2, embed_dims=D, classes=(1, 3), takes_cues=True).eval()(context(2))
    assert linked.takes_cues.all() and not linked.is_thing.any()
