"""Segmenters that are not in the paper: test-time augmentation."""

from .test_time_augmentation import GvSegTTA, View

__all__ = ['GvSegTTA', 'View']
