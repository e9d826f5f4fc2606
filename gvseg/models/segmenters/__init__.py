"""Segmenters: whole models."""

from .gvseg import GvSeg, VideoState
from .test_time_augmentation import GvSegTTA, View

__all__ = ['GvSeg', 'GvSegTTA', 'VideoState', 'View']
