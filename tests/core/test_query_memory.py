"""Queues and prototypes, followed by hand."""

import pytest
import torch

from gvseg.core.query_memory import Prototypes, QueryQueue


def push(queue: QueryQueue, *items: tuple[int, float]) -> None:
    labels, values = zip(*items)
    queue.push(torch.tensor(labels), torch.tensor(values)[:, None])


def stored(queue: QueryQueue) -> list[tuple[int, float]]:
    embeddings, labels, taken = queue.places()
    return list(zip(labels[taken].tolist(), embeddings[taken, 0].tolist()))


def test_first_in_first_out_per_class() -> None:
    queue = QueryQueue(num_classes=3, capacity=2, dim=1)
    assert stored(queue) == [] and queue.fill().tolist() == [0, 0, 0]
    push(queue, (2, 1.0), (0, 2.0))
    push(queue, (2, 3.0))
    assert stored(queue) == [(0, 2.0), (2, 1.0), (2, 3.0)]
    push(queue, (2, 4.0))
    assert stored(queue) == [(0, 2.0), (2, 3.0), (2, 4.0)]
    assert queue.fill().tolist() == [1, 0, 2]


def test_more_at_once_than_fit_leaves_the_latest() -> None:
    queue = QueryQueue(2, 2, 1)
    push(queue, (1, 1.0), (1, 2.0), (0, 9.0), (1, 3.0))
    assert stored(queue) == [(0, 9.0), (1, 2.0), (1, 3.0)]


def test_one_push_equals_several() -> None:
    items = [(index % 3, float(index)) for index in range(20)]
    whole, parts = QueryQueue(3, 4, 1), QueryQueue(3, 4, 1)
    push(whole, *items)
    for item in items:
        push(parts, item)
    assert stored(whole) == stored(parts)


def test_queue_is_resumed_from_its_state() -> None:
    queue, resumed = QueryQueue(3, 2, 1), QueryQueue(3, 2, 1)
    push(queue, (1, 1.0), (1, 2.0), (1, 3.0))
    resumed.load_state_dict(queue.state_dict())
    for each in (queue, resumed):
        push(each, (1, 4.0), (0, 5.0))
    assert stored(resumed) == stored(queue) == [(0, 5.0), (1, 3.0), (1, 4.0)]


def test_stored_embeddings_have_no_graph_and_change_with_nothing() -> None:
    queue, embeddings = QueryQueue(1, 2, 3), torch.ones(1, 3, requires_grad=True)
    queue.push(torch.tensor([0]), embeddings)
    assert not queue.stored.requires_grad
    with torch.no_grad():
        embeddings.zero_()
    assert queue.stored[0, 0].tolist() == [1, 1, 1]


def test_pushing_nothing_changes_nothing() -> None:
    queue = QueryQueue(2, 2, 3)
    queue.push(torch.zeros(0, dtype=torch.long), torch.zeros(0, 3))
    assert not queue.places()[2].any()


def test_the_first_sight_of_a_class_is_its_prototype() -> None:
    prototypes = Prototypes(num_classes=3, dim=2, momentum=0.9)
    prototypes.update(torch.tensor([1, 1]), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert prototypes.mean.tolist() == [[0, 0], [2, 3], [0, 0]]
    assert prototypes.seen.tolist() == [False, True, False]


def test_later_ones_move_it_by_momentum() -> None:
    prototypes = Prototypes(2, 1, momentum=0.75)
    prototypes.update(torch.tensor([0]), torch.tensor([[8.0]]))
    # 0.75 * 8 + 0.25 * mean(0, 8) = 7; class 1 is new.
    prototypes.update(torch.tensor([0, 1, 0]), torch.tensor([[0.0], [5.0], [8.0]]))
    assert prototypes.mean.tolist() == [[7], [5]]


def test_prototypes_are_saved() -> None:
    prototypes, loaded = Prototypes(2, 1, 0.5), Prototypes(2, 1, 0.5)
    prototypes.update(torch.tensor([0]), torch.tensor([[8.0]]))
    loaded.load_state_dict(prototypes.state_dict())
    assert loaded.mean.tolist() == [[8], [0]] and loaded.seen.tolist() == [True, False]


@pytest.mark.parametrize('label', [-1, 2])
def test_classes_that_the_memory_lacks_are_refused(label: int) -> None:
    with pytest.raises(ValueError, match='2 classes'):
        QueryQueue(2, 3, 1).push(torch.tensor([label]), torch.ones(1, 1))
    with pytest.raises(ValueError, match='2 classes'):
        Prototypes(2, 1, 0.9).update(torch.tensor([label]), torch.ones(1, 1))


def test_a_momentum_that_would_never_learn_is_refused() -> None:
    with pytest.raises(ValueError, match='momentum'):
        Prototypes(2, 1, 1.0)
