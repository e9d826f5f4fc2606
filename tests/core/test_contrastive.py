"""Pairs and losses against their formulas."""

import math

import pytest
import torch

from gvseg.core.contrastive import contrastive_loss, cosine_pull_loss, label_identities, label_instances


def test_only_the_same_object_in_a_like_shape_is_positive() -> None:
    one = torch.ones(1, 1)
    keys, references = torch.stack((one, one)), torch.stack((1.1 * one, 1.3 * one, one))
    # Changes from 1: 0.1, 0.3 and 0. Object 7 is seen in all references but the last, which is object 8.
    labels = label_instances(torch.tensor([7, 8]), keys, torch.tensor([7, 7, 8]), references, 0.2)
    assert labels.positive.tolist() == [[True, False, False], [False, False, True]]
    assert labels.negative.tolist() == [[False, False, True], [True, True, False]]
    assert labels.changed.tolist() == [[False, True, False], [False, False, False]]


def test_identities_know_no_change() -> None:
    labels = label_identities(torch.tensor([7, 8]), torch.tensor([7, 9]))
    assert labels.positive.tolist() == [[True, False], [False, False]]
    assert torch.equal(labels.negative, ~labels.positive) and not labels.changed.any()


def test_the_threshold_itself_is_not_positive() -> None:
    ids, key = torch.tensor([1]), torch.full((1, 1, 1), 4.0)
    assert label_instances(ids, key, ids, key + 1, 0.25).changed.all()
    assert label_instances(ids, key, ids, key + 1, 0.26).positive.all()


def test_objects_without_pixels_have_no_positives() -> None:
    ids, nothing = torch.tensor([1]), torch.zeros(1, 2, 2)
    assert not label_instances(ids, nothing, ids, nothing, 0.2).positive.any()


def explicit(embeddings, references, positive, negative) -> float:
    losses = []
    for key, plus, minus in zip(embeddings.tolist(), positive.tolist(), negative.tolist()):
        score = [sum(a * b for a, b in zip(key, reference)) for reference in references.tolist()]
        terms = [
            math.exp(score[n] - score[p]) for p in range(len(score)) if plus[p] for n in range(len(score)) if minus[n]
        ]
        losses += [math.log(1 + sum(terms))] if terms else []
    return sum(losses) / len(losses)


@pytest.fixture
def batch() -> tuple[torch.Tensor, ...]:
    """Four keys: two with both kinds of pairs, one without a positive, one without any pair."""
    generator = torch.Generator().manual_seed(0)
    positive = torch.tensor([[1, 1, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]).bool()
    negative = torch.tensor([[0, 0, 1, 1, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]]).bool()
    return torch.randn(4, 3, generator=generator), torch.randn(5, 3, generator=generator), positive, negative


def test_contrastive_loss_in_numbers() -> None:
    # v.k+ = 1 and v.k- = 0: log(1 + exp(-1)); two negatives: log(1 + 2 exp(-1)).
    key, references = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 5.0]])
    positive = torch.tensor([[True, False, False]])
    one = contrastive_loss(key, references, positive, torch.tensor([[False, True, False]]))
    assert one.item() == pytest.approx(math.log(1 + math.exp(-1)))
    assert contrastive_loss(key, references, positive, ~positive).item() == pytest.approx(
        math.log(1 + 2 * math.exp(-1))
    )


def test_contrastive_loss_equals_the_double_sum(batch) -> None:
    assert contrastive_loss(*batch).item() == pytest.approx(explicit(*batch), rel=1e-5)


def test_normalised_loss_compares_cosines(batch) -> None:
    unit = [value / value.norm(dim=1, keepdim=True) for value in batch[:2]]
    assert contrastive_loss(*batch, normalize=True).item() == pytest.approx(explicit(*unit, *batch[2:]), rel=1e-5)


def test_keys_without_both_kinds_have_no_gradient(batch) -> None:
    embeddings = batch[0].clone().requires_grad_()
    contrastive_loss(embeddings, *batch[1:]).backward()
    assert torch.isfinite(embeddings.grad).all()
    assert embeddings.grad[:2].abs().sum() > 0 and not embeddings.grad[2:].any()


def test_great_scores_do_not_overflow() -> None:
    key = torch.full((1, 2), 1000.0, requires_grad=True)
    references = torch.tensor([[-1000.0, 0.0], [1000.0, 0.0]])
    loss = contrastive_loss(key, references, torch.tensor([[True, False]]), torch.tensor([[False, True]]))
    loss.backward()
    assert loss.item() == pytest.approx(2e6)
    assert torch.isfinite(key.grad).all()


@pytest.mark.parametrize('loss', [contrastive_loss, cosine_pull_loss])
@pytest.mark.parametrize(('keys', 'references'), [(2, 3), (2, 0), (0, 3), (0, 0)])
def test_nothing_to_compare_is_zero_with_a_graph(loss, keys: int, references: int) -> None:
    embeddings = torch.randn(keys, 4, requires_grad=True)
    none = torch.zeros(keys, references, dtype=torch.bool)
    value = loss(embeddings, torch.randn(references, 4), none, none)
    value.backward()
    assert value == 0 and not embeddings.grad.any()


def test_cosine_loss_in_numbers() -> None:
    # Cosines 0.6 to the positive and 0.8 to the negative: (0.4^2 + 0.8^2) / 2.
    key, references = torch.tensor([[2.0, 0.0]]), torch.tensor([[3.0, 4.0], [4.0, 3.0]])
    positive = torch.tensor([[True, False]])
    assert cosine_pull_loss(key, references, positive, ~positive).item() == pytest.approx((0.16 + 0.64) / 2)


def test_only_the_three_hardest_negatives_of_a_positive_count() -> None:
    cosines = torch.tensor([1.0, 0.9, 0.1, -0.8, 0.7, 0.0])
    references = torch.stack((cosines, (1 - cosines**2).sqrt()), 1)
    positive = torch.tensor([[True, False, False, False, False, False]])
    loss = cosine_pull_loss(torch.tensor([[1.0, 0.0]]), references, positive, ~positive)
    assert loss.item() == pytest.approx((0 + 0.81 + 0.64 + 0.49) / 4, rel=1e-5)


def test_pairs_that_are_neither_do_not_count(batch) -> None:
    references = torch.cat((batch[1], torch.full((1, 3), 50.0)))
    neither = torch.zeros(4, 1, dtype=torch.bool)
    wider = [torch.cat((pairs, neither), 1) for pairs in batch[2:]]
    for loss in (contrastive_loss, cosine_pull_loss):
        torch.testing.assert_close(loss(batch[0], references, *wider), loss(*batch))
