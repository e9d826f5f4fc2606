"""Optimiser wrappers."""

from .bfloat16_optim_wrapper import BFloat16OptimWrapper
from .sharded_optim_wrapper import ShardedOptimWrapper

__all__ = ['BFloat16OptimWrapper', 'ShardedOptimWrapper']
