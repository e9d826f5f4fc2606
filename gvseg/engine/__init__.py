"""Training-loop parts."""
from .hooks import AverageLossHook, LiveViewHook, QueryQueueHook, VideoVisualizationHook
from .optim_wrappers import BFloat16OptimWrapper

__all__ = ['AverageLossHook', 'BFloat16OptimWrapper', 'LiveViewHook', 'QueryQueueHook', 'VideoVisualizationHook']
