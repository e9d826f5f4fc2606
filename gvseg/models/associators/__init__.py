"""Associators: the identity of queries over the clips of a video."""
from .repeats import RepeatFilter
from .similarity import CueSum, MatchCues, WeightedCues
from .spa_associator import SPAAssociator, TrackState
from .trajectory_associator import Trajectories, TrajectoryAssociator

__all__ = [
    'CueSum', 'MatchCues', 'RepeatFilter', 'SPAAssociator', 'TrackState', 'Trajectories', 'TrajectoryAssociator',
    'WeightedCues'
]
