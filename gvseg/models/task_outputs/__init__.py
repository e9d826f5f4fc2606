"""Task outputs: from tracked tubes to what a task's metric reads."""

from .exemplar import ExemplarOutput
from .instance import InstanceOutput
from .panoptic import PanopticOutput
from .semantic import SemanticOutput

__all__ = ['ExemplarOutput', 'InstanceOutput', 'PanopticOutput', 'SemanticOutput']
