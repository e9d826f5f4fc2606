"""Segmenters: whole models."""
from .gvseg import GvSeg, VideoState

__all__ = ['GvSeg', 'VideoState']
