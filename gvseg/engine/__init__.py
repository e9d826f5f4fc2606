"""Training-loop parts."""
from gvseg.utils import openmmlab  # noqa: F401  (first: says what is missing)

from .hooks import (AccumulationHook, AverageLossHook, ConfigCheckHook, LiveViewHook, QueryQueueHook,
                    StepSchedulerHook, VideoVisualizationHook)
from .optim_wrappers import BFloat16OptimWrapper

__all__ = [
    'AccumulationHook', 'AverageLossHook', 'BFloat16OptimWrapper', 'ConfigCheckHook', 'LiveViewHook',
    'QueryQueueHook', 'StepSchedulerHook', 'VideoVisualizationHook'
]
