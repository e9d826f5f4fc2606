"""Segmenters: whole models; ``extras`` are not in the paper."""

from .extras import GvSegTTA, View
from .gvseg import GvSeg, VideoState

__all__ = ['GvSeg', 'GvSegTTA', 'VideoState', 'View']
