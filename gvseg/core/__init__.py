"""The pure core: torch, numpy and scipy only."""
