"""Associators: the identity of queries over the clips of a video."""

from .class_mean import SlotClassMean
from .mask_nms import MaskNMS
from .similarity import CueSum, MatchCues, WeightedCues
from .spa_associator import SPAAssociator, TrackState
from .trajectory_associator import Trajectories, TrajectoryAssociator

__all__ = [
    'CueSum',
    'MaskNMS',
    'MatchCues',
    'SPAAssociator',
    'SlotClassMean',
    'TrackState',
    'Trajectories',
    'TrajectoryAssociator',
    'WeightedCues',
]
