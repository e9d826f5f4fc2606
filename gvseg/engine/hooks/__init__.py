"""Hooks of the training and test loops."""
from .accumulation_hook import AccumulationHook, StepSchedulerHook
from .average_loss_hook import AverageLossHook
from .config_check_hook import ConfigCheckHook
from .json_logger_hook import JsonLoggerHook
from .live_view_hook import LiveViewHook
from .query_queue_hook import QueryQueueHook
from .visualization_hook import VideoVisualizationHook

__all__ = [
    'AccumulationHook', 'AverageLossHook', 'ConfigCheckHook', 'JsonLoggerHook', 'LiveViewHook', 'QueryQueueHook',
    'StepSchedulerHook', 'VideoVisualizationHook'
]
