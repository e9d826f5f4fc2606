"""Prompts that the study makes from ground truth, and its table."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FILE = Path(__file__).resolve().parents[2] / 'projects/studies/prompts.py'


@pytest.fixture(scope='module')
def study() -> ModuleType:
    spec = importlib.util.spec_from_file_location('prompts_study', FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bar() -> np.ndarray:
    """A bar of 5 x 21 pixels."""
    mask = np.zeros((20, 40), bool)
    mask[5:10, 10:31] = True
    return mask


def test_points_are_inside_and_far_from_each_other(study: ModuleType) -> None:
    assert study.inner_point(bar())[1] == 7  # the middle row
    assert study.inner_point(np.zeros((4, 4), bool)) is None
    points = study.spread_points(bar(), 3)
    assert len(set(points)) == 3 and all(bar()[int(y), int(x)] for x, y in points)
    columns = sorted(x for x, _ in points)
    assert columns[0] < 15 and columns[-1] > 25


def test_boxes_end_after_the_last_pixel(study: ModuleType) -> None:
    assert study.box_of(bar()) == (10, 5, 31, 10)


def test_frames_that_show_a_prompt_are_not_counted(study: ModuleType) -> None:
    table = {'mask': [np.array([np.nan, 0.5, 0.5, 1.0]), np.array([np.nan, 0.5, 0.0, 0.5])]}
    whole, half = 100 * (2 / 3 + 1 / 3) / 2, 100 * (1.0 + 0.5) / 2
    assert study.rows(table)[2] == f'| mask | {whole:.1f} | {half:.1f} |'
