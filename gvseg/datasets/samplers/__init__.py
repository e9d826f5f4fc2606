"""Samplers of clips and draws."""

from .clip_sampler import ClipDrawSampler, ClipSampler, share_videos
from .recipe_sampler import RecipeDrawSampler

__all__ = ['ClipDrawSampler', 'ClipSampler', 'RecipeDrawSampler', 'share_videos']
