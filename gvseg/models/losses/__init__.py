"""Losses beyond those of mmdet."""
from .contrastive_loss import TaskOrientedContrastiveLoss
from .dense_auxiliary_loss import DenseAuxiliaryLoss

__all__ = ['DenseAuxiliaryLoss', 'TaskOrientedContrastiveLoss']
