"""Segmenters: whole models; ``extras`` are not in the paper."""

from .extras import GeneralGvSegTTA, GvSegShots, GvSegTTA, PromptMasks, ShotState, View
from .general import GeneralGvSeg
from .gvseg import GvSeg, VideoSnapshot, VideoState

__all__ = [
    'GeneralGvSeg',
    'GeneralGvSegTTA',
    'GvSeg',
    'GvSegShots',
    'GvSegTTA',
    'PromptMasks',
    'ShotState',
    'VideoSnapshot',
    'VideoState',
    'View',
]
