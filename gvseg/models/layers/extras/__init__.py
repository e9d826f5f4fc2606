"""Layers that are not in the paper: mask embeddings with a location, for networks trained from scratch."""

from .localized_masks import LocalizedMaskEmbed

__all__ = ['LocalizedMaskEmbed']
