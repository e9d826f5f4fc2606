"""Parts of tracking that are not in the paper: an association with motion, mask NMS, classes averaged over clips."""

from .class_mean import SlotClassMean
from .mask_nms import MaskNMS
from .trajectory_associator import Trajectories, TrajectoryAssociator
from .weighted_cues import WeightedCues

__all__ = ['MaskNMS', 'SlotClassMean', 'Trajectories', 'TrajectoryAssociator', 'WeightedCues']
