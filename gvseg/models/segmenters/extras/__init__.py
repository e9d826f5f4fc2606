"""Segmenters that are not in the paper: test-time augmentation, objects at hard cuts."""

from .shot_boundaries import GvSegShots, ShotState
from .test_time_augmentation import GeneralGvSegTTA, GvSegTTA, View

__all__ = ['GeneralGvSegTTA', 'GvSegShots', 'GvSegTTA', 'ShotState', 'View']
