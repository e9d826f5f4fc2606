"""Samplers of clips and draws."""

from .clip_sampler import ClipDrawSampler, ClipSampler, share_videos

__all__ = ['ClipDrawSampler', 'ClipSampler', 'share_videos']
