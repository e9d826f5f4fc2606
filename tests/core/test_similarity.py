"""Similarity of a handful of queries and descriptors, in torch and in numpy."""

import numpy as np
import pytest
import torch

from gvseg.core.descriptors import descriptor_change
from gvseg.core.similarity import change_similarity, cosine_similarity


def test_similarity_is_the_cosine_and_zero_for_zero_vectors() -> None:
    first = np.array([[3, 4], [0, 0]], np.float32)
    second = np.array([[6, 8], [-8, 6], [0, -1]], np.float32)
    np.testing.assert_allclose(cosine_similarity(first, second), [[1, 0, -0.8], [0, 0, 0]], atol=1e-6)
    theirs = cosine_similarity(torch.from_numpy(first), torch.from_numpy(second))
    np.testing.assert_allclose(cosine_similarity(first, second), theirs.numpy(), atol=1e-6)


def test_the_change_is_that_of_equation_10() -> None:
    first, second = (torch.rand(count, 4, 3, generator=torch.Generator().manual_seed(count)) for count in (3, 5))
    change = descriptor_change(first[:, None], second[None])
    np.testing.assert_allclose(change_similarity(first.numpy(), second.numpy(), 0.3), (-change / 0.3).exp(), rtol=1e-5)
    assert change_similarity(first.numpy(), first.numpy(), 0.3).diagonal() == pytest.approx(1, abs=1e-6)


def test_similarity_is_exact_under_mixed_precision() -> None:
    queries = torch.randn(5, 33, generator=torch.Generator().manual_seed(0))
    with torch.autocast('cpu', dtype=torch.bfloat16):
        mixed = cosine_similarity(queries, queries)
    torch.testing.assert_close(mixed, cosine_similarity(queries, queries))
