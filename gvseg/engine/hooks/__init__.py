"""Hooks of the training and test loops."""

from .accumulation_hook import AccumulationHook, StepSchedulerHook
from .atomic_checkpoint_hook import AtomicCheckpointHook
from .average_loss_hook import AverageLossHook
from .config_check_hook import ConfigCheckHook
from .finite_loss_hook import FiniteLossHook
from .json_logger_hook import JsonLoggerHook
from .live_view_hook import LiveViewHook
from .mask_annealing_hook import MaskAnnealingHook
from .preflight_hook import PreflightHook
from .progress_bar_hook import ProgressBarHook
from .query_queue_hook import QueryQueueHook
from .visualization_hook import VideoVisualizationHook

__all__ = [
    'AccumulationHook',
    'AtomicCheckpointHook',
    'AverageLossHook',
    'ConfigCheckHook',
    'FiniteLossHook',
    'JsonLoggerHook',
    'LiveViewHook',
    'MaskAnnealingHook',
    'PreflightHook',
    'ProgressBarHook',
    'QueryQueueHook',
    'StepSchedulerHook',
    'VideoVisualizationHook',
]
