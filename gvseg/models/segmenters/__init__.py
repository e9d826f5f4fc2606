"""Segmenters: whole models; ``extras`` are not in the paper."""

from .extras import GvSegShots, GvSegTTA, ShotState, View
from .gvseg import GvSeg, VideoSnapshot, VideoState

__all__ = ['GvSeg', 'GvSegShots', 'GvSegTTA', 'ShotState', 'VideoSnapshot', 'VideoState', 'View']
