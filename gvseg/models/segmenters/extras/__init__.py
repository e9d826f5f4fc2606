"""Segmenters that are not in the paper: test-time augmentation, objects at hard cuts."""

from .shot_boundaries import GvSegShots, ShotState
from .test_time_augmentation import GvSegTTA, View

__all__ = ['GvSegShots', 'GvSegTTA', 'ShotState', 'View']
