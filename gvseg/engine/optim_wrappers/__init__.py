"""Optimiser wrappers."""

from .bfloat16_optim_wrapper import BFloat16OptimWrapper
from .layer_decay_constructor import LayerDecayConstructor
from .sharded_optim_wrapper import ShardedOptimWrapper

__all__ = ['BFloat16OptimWrapper', 'LayerDecayConstructor', 'ShardedOptimWrapper']
