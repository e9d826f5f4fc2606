"""Associators: the identity of queries over the clips of a video."""
from .spa_associator import SPAAssociator, TrackState

__all__ = ['SPAAssociator', 'TrackState']
