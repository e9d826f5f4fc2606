"""Heads: from features to predictions of one clip."""

from .gvseg_head import GvSegHead

__all__ = ['GvSegHead']
