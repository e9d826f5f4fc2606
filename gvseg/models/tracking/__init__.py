"""Tracking: association of queries over the clips of a video; ``extras`` are not in the paper."""

from .detections import ConfidentTubes, Detections
from .extras import MaskNMS, SlotClassMean, Trajectories, TrajectoryAssociator, WeightedCues
from .similarity import CueSum, MatchCues
from .spa_associator import SPAAssociator, TrackState

__all__ = [
    'ConfidentTubes',
    'CueSum',
    'Detections',
    'MaskNMS',
    'MatchCues',
    'SPAAssociator',
    'SlotClassMean',
    'TrackState',
    'Trajectories',
    'TrajectoryAssociator',
    'WeightedCues',
]
