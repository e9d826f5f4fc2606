"""Heads: from features to predictions of one clip."""

from .gvseg_head import GvSegHead
from .joint_head import JointHead

__all__ = ['GvSegHead', 'JointHead']
