"""Losses beyond those of mmdet."""

from .contrastive_loss import TaskOrientedContrastiveLoss
from .dense_auxiliary_loss import BalancedDenseAuxiliaryLoss, DenseAuxiliaryLoss
from .dense_centre_loss import AuxiliaryLosses, DenseCentreLoss

__all__ = [
    'AuxiliaryLosses',
    'BalancedDenseAuxiliaryLoss',
    'DenseAuxiliaryLoss',
    'DenseCentreLoss',
    'TaskOrientedContrastiveLoss',
]
