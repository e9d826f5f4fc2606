"""Heads: from features to predictions of one clip."""

from .general_head import GeneralHead
from .gvseg_head import GvSegHead
from .joint_head import JointHead

__all__ = ['GeneralHead', 'GvSegHead', 'JointHead']
