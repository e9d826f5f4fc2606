"""Training-loop parts."""
from .hooks import AverageLossHook, QueryQueueHook, VideoVisualizationHook
from .optim_wrappers import BFloat16OptimWrapper

__all__ = ['AverageLossHook', 'BFloat16OptimWrapper', 'QueryQueueHook', 'VideoVisualizationHook']
