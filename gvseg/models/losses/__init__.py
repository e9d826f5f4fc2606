"""Losses beyond those of mmdet."""

from .contrastive_loss import TaskOrientedContrastiveLoss
from .extras import AuxiliaryLosses, BalancedDenseAuxiliaryLoss, DenseAuxiliaryLoss, DenseCentreLoss
from .point_sampling import PointSampling
from .set_criterion import SetCriterion
from .tube_assignment import Prediction, TubeAssigner

__all__ = [
    'AuxiliaryLosses',
    'BalancedDenseAuxiliaryLoss',
    'DenseAuxiliaryLoss',
    'DenseCentreLoss',
    'PointSampling',
    'Prediction',
    'SetCriterion',
    'TaskOrientedContrastiveLoss',
    'TubeAssigner',
]
