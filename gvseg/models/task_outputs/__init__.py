"""Task outputs: from tracked tubes to what a task's metric reads; ``extras`` are not in the paper."""

from .exemplar import ExemplarOutput
from .extras import GuidedUpsampling, SelectedTracks, SmallBlobRemoval
from .instance import InstanceOutput
from .panoptic import PanopticOutput
from .semantic import SemanticOutput

__all__ = [
    'ExemplarOutput',
    'GuidedUpsampling',
    'InstanceOutput',
    'PanopticOutput',
    'SelectedTracks',
    'SemanticOutput',
    'SmallBlobRemoval',
]
