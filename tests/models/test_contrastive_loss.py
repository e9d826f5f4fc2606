"""What is compared with what: instances within a video, semantic classes with the queue."""

import math

import pytest
import torch

from gvseg.models.losses import TaskOrientedContrastiveLoss
from gvseg.models.structures import MatchedQueries
from gvseg.utils.errors import ConfigError

D = 4
SAMPLER = dict(type='TCLSampler', threshold=0.2)


def matched(ids: list[int], labels: list[int], axes: list[int], marks: list[float]) -> MatchedQueries:
    """Embedding i is the unit vector of axis ``axes[i]``; descriptors are one bin of height ``marks[i]``."""
    return MatchedQueries(
        ids=torch.tensor(ids),
        labels=torch.tensor(labels),
        embeddings=torch.eye(D)[axes].requires_grad_(),
        initial=torch.zeros(len(ids), 2 * D),
        descriptors=torch.tensor(marks)[:, None, None],
    )


def test_instances_of_like_shape_are_pulled_and_others_pushed():
    key = matched([1, 2], [0, 0], [0, 1], [1.0, 1.0])
    reference = matched([1, 2], [0, 0], [0, 1], [1.1, 1.1])
    losses = TaskOrientedContrastiveLoss(SAMPLER, D)([key, reference], clips_per_video=2)
    # Each key has v.k+ = 1 and v.k- = 0: log(1 + exp(0 - 1)); cosines are at their targets.
    assert losses['loss_contrastive'].item() == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)
    assert losses['loss_cosine'].item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ('settings', 'contrastive', 'cosine'),
    [
        # Key 1 has a positive (cosine 1), itself above tau (cosine 1) and object 2 (cosine 0); key 2 a positive and two
        # negatives (cosine 0). Contrastive: log(1 + e^0 + e^-1) of key 1, log(1 + 2 e^-1) of key 2.
        (dict(), (math.log(2 + math.exp(-1)) + math.log(1 + 2 * math.exp(-1))) / 2, 0),
        (dict(contrastive='ignore'), (math.log(1 + math.exp(-1)) + math.log(1 + 2 * math.exp(-1))) / 2, 0),
        # One cosine that is 1 and should be 0, among two positives and four negatives.
        (dict(cosine='negative'), (math.log(2 + math.exp(-1)) + math.log(1 + 2 * math.exp(-1))) / 2, 1 / 6),
    ],
)
def test_what_the_same_object_in_another_shape_is(settings: dict, contrastive: float, cosine: float):
    key = matched([1, 2], [0, 0], [0, 1], [1.0, 1.0])
    reference = matched([1, 1, 2], [0, 0, 0], [0, 0, 1], [1.1, 1.5, 1.1])  # 1.5: changed by half, more than 0.2
    losses = TaskOrientedContrastiveLoss(SAMPLER, D, same_object_above_tau=settings)([key, reference], 2)
    assert losses['loss_contrastive'].item() == pytest.approx(contrastive, abs=1e-6)
    assert losses['loss_cosine'].item() == pytest.approx(cosine, abs=1e-6)


def test_prior_work_knows_no_tau():
    key = matched([1, 2], [0, 0], [0, 1], [1.0, 1.0])
    reference = matched([1, 2], [0, 0], [0, 1], [1.5, 1.1])
    literal = dict(contrastive='negative', cosine='negative')
    loss = TaskOrientedContrastiveLoss(dict(type='IdentityTCLSampler'), D, same_object_above_tau=literal)
    losses = loss([key, reference], clips_per_video=2)
    assert losses['loss_contrastive'].item() == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)
    assert losses['loss_cosine'].item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize('settings', [dict(cosine='positive'), dict(pull='ignore')])
def test_an_unknown_treatment_is_refused(settings: dict):
    with pytest.raises(ConfigError, match="contrastive and cosine each 'negative' or 'ignore'"):
        TaskOrientedContrastiveLoss(SAMPLER, D, same_object_above_tau=settings)


def test_near_references_are_for_semantic_classes_and_the_others_for_instances():
    """Table 4e, row 3. Instance 1 and classes 1, 2; in the far clip the classes, in the near one instance 1 mislead."""
    key = matched([1, 5, 6], [0, 1, 2], [0, 1, 2], [1.0, 1.0, 1.0])
    far = matched([1, 5, 6], [0, 1, 2], [0, 2, 1], [1.1, 1.0, 1.0])
    near = matched([1, 5, 6], [0, 1, 2], [3, 1, 2], [1.1, 1.0, 1.0])
    options = dict(semantic_classes=(1, 3), capacity=0)
    losses = TaskOrientedContrastiveLoss(SAMPLER, D, near_references=1, **options)([key, far, near], clips_per_video=3)
    # Instance 1 has no negative; each class has v.k+ = 1 and v.k- = 0; all cosines are at their targets.
    assert losses['loss_contrastive'].item() == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)
    assert losses['loss_cosine'].item() == pytest.approx(0, abs=1e-6)
    mixed = TaskOrientedContrastiveLoss(SAMPLER, D, **options)([key, far, near], clips_per_video=3)
    assert mixed['loss_cosine'].item() > 0.1


def test_semantic_classes_are_compared_with_the_queue_and_fill_it():
    loss = TaskOrientedContrastiveLoss(SAMPLER, D, semantic_classes=(1, 3), capacity=2)
    video = [matched([5, 6], [1, 2], [0, 1], [1.0, 1.0])]
    assert loss(video, clips_per_video=1)['loss_contrastive'].item() == 0  # the queue is empty
    loss.update_memory(torch.tensor([0, 1, 2]), torch.zeros(3, 2 * D), torch.eye(D)[[3, 0, 1]])
    _, labels, taken = loss.queue.places()
    assert labels[taken].tolist() == [0, 1]  # class 0 is no semantic class; 1 and 2 are the queue's first two
    assert loss.fill() == 0.5
    value = loss(video, clips_per_video=1)['loss_contrastive'].item()
    assert value == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)


def test_without_a_queue_semantic_classes_use_the_reference_clips():
    loss = TaskOrientedContrastiveLoss(SAMPLER, D, semantic_classes=(0, 2), capacity=0)
    video = [matched([5, 6], [0, 1], [0, 1], [1.0, 1.0]), matched([5, 6], [0, 1], [0, 1], [9.0, 9.0])]
    assert loss(video, 2)['loss_contrastive'].item() == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)


def test_nothing_to_compare_gives_zero_with_a_graph():
    empty = matched([], [], [], [])
    losses = TaskOrientedContrastiveLoss(SAMPLER, D)([empty, empty], clips_per_video=2)
    assert all(value.item() == 0 and value.requires_grad for value in losses.values())
