"""Classifiers of pixels, on two or three pixels whose scores can be computed by hand."""

import pytest
import torch

from gvseg.core.pixel_classifier import balanced_weights, classify, fit_classifier


def test_each_side_weighs_one_half_however_many_pixels_it_has():
    inside, outside = balanced_weights(torch.tensor([1.0, 0.5, 0.0, 0.0]), torch.tensor([1.0, 1.0, 1.0, 0.0]))
    torch.testing.assert_close(inside, torch.tensor([1 / 3, 1 / 6, 0.0, 0.0]))
    torch.testing.assert_close(outside, torch.tensor([0.0, 1 / 6, 1 / 3, 0.0]))  # the last pixel is not known


@pytest.mark.parametrize('ridge, score', [(0.0001, 0.9998), (0.5, 0.5)])
def test_two_pixels_that_look_different(ridge, score):
    pixels = torch.eye(2)
    weights = fit_classifier(pixels, torch.tensor([0.5, 0.0]), torch.tensor([0.0, 0.5]), ridge)
    # By symmetry there is no bias, and each weight w minimises (1 - w)^2 / 2 + ridge w^2.
    torch.testing.assert_close(classify(pixels, weights), torch.tensor([score, -score]), atol=1e-4, rtol=0)


def test_what_both_sides_share_does_not_count():
    shared = torch.tensor([[0.8, 0.6, 0.0], [0.8, 0.0, 0.6]])
    weights = fit_classifier(shared, torch.tensor([0.5, 0.0]), torch.tensor([0.0, 0.5]), 1e-4)
    assert classify(torch.tensor([[1.0, 0.0, 0.0]]), weights).abs() < 1e-3
    assert classify(torch.tensor([[0.0, 1.0, 0.0]]), weights) > 0.99


def test_where_nothing_is_known_every_score_is_0():
    none = torch.zeros(2)
    weights = fit_classifier(torch.eye(2), *balanced_weights(none, none), ridge=1e-3)
    assert classify(torch.eye(2), weights).tolist() == [0.0, 0.0]


def test_an_object_that_is_everywhere_is_found_everywhere():
    weights = fit_classifier(torch.eye(2), *balanced_weights(torch.ones(2), torch.ones(2)), ridge=1e-4)
    assert classify(torch.eye(2), weights).min() > 0.99


def test_scores_are_bounded():
    weights = fit_classifier(torch.eye(2), torch.tensor([0.5, 0.0]), torch.tensor([0.0, 0.5]), 1e-4)
    assert classify(torch.tensor([[5.0, 0.0], [0.0, 5.0]]), weights).tolist() == [1.0, -1.0]
