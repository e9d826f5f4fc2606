"""Tracking: association of queries over the clips of a video; ``extras`` are not in the paper."""

from .detections import ConfidentTubes, Detections
from .extras import MaskNMS, SlotClassMean, Trajectories, TrajectoryAssociator, WeightedCues
from .same_query_associator import SameQueryAssociator
from .similarity import CueSum, MatchCues
from .spa_associator import SPAAssociator, TrackState

__all__ = [
    'ConfidentTubes',
    'CueSum',
    'Detections',
    'MaskNMS',
    'MatchCues',
    'SPAAssociator',
    'SameQueryAssociator',
    'SlotClassMean',
    'TrackState',
    'Trajectories',
    'TrajectoryAssociator',
    'WeightedCues',
]
