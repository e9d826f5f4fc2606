"""Segmenters: whole models."""

from .extras import GvSegTTA, View
from .gvseg import GvSeg, VideoState

__all__ = ['GvSeg', 'GvSegTTA', 'VideoState', 'View']
