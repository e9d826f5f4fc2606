"""Segmenters that are not in the paper: test-time augmentation, objects at hard cuts; masks of points and boxes."""

from .prompt_masks import PromptMasks
from .shot_boundaries import GvSegShots, ShotState
from .test_time_augmentation import GeneralGvSegTTA, GvSegTTA, View

__all__ = ['GeneralGvSegTTA', 'GvSegShots', 'GvSegTTA', 'PromptMasks', 'ShotState', 'View']
