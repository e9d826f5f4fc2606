"""Losses that are not in the paper: per-pixel losses on the mask features, for networks trained from scratch."""

from .dense_auxiliary_loss import BalancedDenseAuxiliaryLoss, DenseAuxiliaryLoss
from .dense_centre_loss import AuxiliaryLosses, DenseCentreLoss
from .semantic_mask_loss import SemanticMaskLoss

__all__ = ['AuxiliaryLosses', 'BalancedDenseAuxiliaryLoss', 'DenseAuxiliaryLoss', 'DenseCentreLoss', 'SemanticMaskLoss']
