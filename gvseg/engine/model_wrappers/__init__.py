"""Model wrappers for distributed training."""

from .fully_sharded import FullyShardedModel, wrap_backbone_stages

__all__ = ['FullyShardedModel', 'wrap_backbone_stages']
