"""A linear classifier of pixels, fitted in closed form to frames in which a mask is known.

Video object segmentation with a discriminative target model (Robinson et al., CVPR 2020) learns its classifier by
iterations; a weighted ridge regression needs one linear system of the features' width.

Shapes: M pixels whose content is known, Q pixels that are asked for, c feature channels.
"""

import torch
from torch import Tensor

BIAS = 0.3
"""The constant channel that stands for a bias, beside features of length 1."""


def balanced_weights(shares: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (M,) of pixels as examples of inside and of outside: each side sums to 1/2, or is 0 without pixels.

    Args:
        shares: how much of each pixel is inside, in [0, 1], (M,).
        known: whether that is known, 1 or 0, (M,).
    """
    inside, outside = known * shares, known * (1 - shares)
    return inside / (2 * inside.sum()).clamp(min=1e-6), outside / (2 * outside.sum()).clamp(min=1e-6)


def fit_classifier(features: Tensor, inside: Tensor, outside: Tensor, ridge: float) -> Tensor:
    """Weights (c + 1,) of the classifier with the least squared error, +1 being inside and -1 outside.

    Args:
        features: of length 1, (M, c).
        inside, outside: weights of each pixel as an example of either, (M,).
        ridge: weight of the squared length of the result.
    """
    examples = _with_bias(features)
    squares = examples.T @ (examples * (inside + outside)[:, None])
    squares = squares + ridge * torch.eye(len(squares), device=squares.device)
    return torch.linalg.solve(squares, examples.T @ (inside - outside))


def classify(features: Tensor, weights: Tensor) -> Tensor:
    """Scores (Q,) in [-1, 1] of being inside, for pixels with features (Q, c)."""
    return (_with_bias(features) @ weights).clamp(-1, 1)


def _with_bias(features: Tensor) -> Tensor:
    return torch.cat((features, torch.full_like(features[:, :1], BIAS)), 1)
