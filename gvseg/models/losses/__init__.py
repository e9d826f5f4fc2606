"""Losses beyond those of mmdet."""
from .contrastive_loss import TaskOrientedContrastiveLoss

__all__ = ['TaskOrientedContrastiveLoss']
