"""Associators: the identity of queries over the clips of a video."""
from .repeats import RepeatFilter
from .spa_associator import SPAAssociator, TrackState
from .trajectory_associator import Trajectories, TrajectoryAssociator

__all__ = ['RepeatFilter', 'SPAAssociator', 'TrackState', 'Trajectories', 'TrajectoryAssociator']
