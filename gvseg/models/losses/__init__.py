"""Losses: the set criterion and temporal contrastive learning; ``extras`` are not in the paper."""

from .contrastive_loss import TaskOrientedContrastiveLoss
from .extras import AuxiliaryLosses, BalancedDenseAuxiliaryLoss, DenseAuxiliaryLoss, DenseCentreLoss, SemanticMaskLoss
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
    'SemanticMaskLoss',
    'SetCriterion',
    'TaskOrientedContrastiveLoss',
    'TubeAssigner',
]
