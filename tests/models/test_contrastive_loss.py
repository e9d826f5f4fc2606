"""What is compared with what: instances within a video, semantic classes with the queue."""
import math

import pytest
import torch

from gvseg.models.losses import TaskOrientedContrastiveLoss
from gvseg.models.structures import MatchedQueries

D = 4
SAMPLER = dict(type='TCLSampler', threshold=0.2)


def matched(ids: list[int], labels: list[int], axes: list[int], marks: list[float]) -> MatchedQueries:
    """Embedding i is the unit vector of axis ``axes[i]``; descriptors are one bin of height ``marks[i]``."""
    return MatchedQueries(
        ids=torch.tensor(ids), labels=torch.tensor(labels), embeddings=torch.eye(D)[axes].requires_grad_(),
        initial=torch.zeros(len(ids), 2 * D), descriptors=torch.tensor(marks)[:, None, None])


def test_instances_of_like_shape_are_pulled_and_others_pushed():
    key = matched([1, 2], [0, 0], [0, 1], [1.0, 1.0])
    reference = matched([1, 2], [0, 0], [0, 1], [1.1, 1.1])
    losses = TaskOrientedContrastiveLoss(SAMPLER, D)([key, reference], clips_per_video=2)
    # Each key has v.k+ = 1 and v.k- = 0: log(1 + exp(0 - 1)); cosines are at their targets.
    assert losses['loss_contrastive'].item() == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)
    assert losses['loss_cosine'].item() == pytest.approx(0, abs=1e-6)


def test_the_same_object_in_another_shape_is_a_negative():
    key = matched([1, 2], [0, 0], [0, 1], [1.0, 1.0])
    reference = matched([1, 2], [0, 0], [0, 1], [1.5, 1.1])  # object 1 changed by half, more than 0.2
    losses = TaskOrientedContrastiveLoss(SAMPLER, D)([key, reference], clips_per_video=2)
    # Only key 2 has both kinds; cosine targets: (1,1) 0 but is 1, (1,2) 0, (2,1) 0, (2,2) 1.
    assert losses['loss_contrastive'].item() == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)
    assert losses['loss_cosine'].item() > 0
    identity = TaskOrientedContrastiveLoss(dict(type='IdentityTCLSampler'), D)([key, reference], clips_per_video=2)
    assert identity['loss_cosine'].item() == pytest.approx(0, abs=1e-6)


def test_semantic_classes_are_compared_with_the_queue_and_fill_it():
    loss = TaskOrientedContrastiveLoss(SAMPLER, D, semantic_classes=(1, 3), capacity=2)
    video = [matched([5, 6], [1, 2], [0, 1], [1.0, 1.0])]
    assert loss(video, clips_per_video=1)['loss_contrastive'].item() == 0  # the queue is empty
    loss.absorb_queries(torch.tensor([0, 1, 2]), torch.zeros(3, 2 * D), torch.eye(D)[[3, 0, 1]])
    assert loss.queue.labels().tolist() == [0, 1]  # class 0 is no semantic class; 1 and 2 are the queue's first two
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
