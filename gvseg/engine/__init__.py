"""Training-loop components. Importing them also makes mmengine load checkpoints without executing code in them."""

from gvseg.utils import checkpoint_loader, openmmlab

from .hooks import (
    AccumulationHook,
    AtomicCheckpointHook,
    AverageLossHook,
    ConfigCheckHook,
    FiniteLossHook,
    JsonLoggerHook,
    LiveViewHook,
    MaskAnnealingHook,
    PreflightHook,
    ProgressBarHook,
    QueryQueueHook,
    StepSchedulerHook,
    VideoVisualizationHook,
)
from .model_wrappers import FullyShardedModel, wrap_backbone_stages
from .optim_wrappers import BFloat16OptimWrapper, LayerDecayConstructor, ShardedOptimWrapper

checkpoint_loader.install()

__all__ = [
    'AccumulationHook',
    'AtomicCheckpointHook',
    'AverageLossHook',
    'BFloat16OptimWrapper',
    'ConfigCheckHook',
    'FiniteLossHook',
    'FullyShardedModel',
    'JsonLoggerHook',
    'LayerDecayConstructor',
    'LiveViewHook',
    'MaskAnnealingHook',
    'PreflightHook',
    'ProgressBarHook',
    'QueryQueueHook',
    'ShardedOptimWrapper',
    'StepSchedulerHook',
    'VideoVisualizationHook',
    'wrap_backbone_stages',
]
