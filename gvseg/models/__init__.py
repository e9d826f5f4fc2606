"""Models, registered with mmdet."""

from gvseg.utils import openmmlab

from . import heads, layers, losses, query_initializers, segmenters, task_modules, task_outputs, tracking

__all__ = ['heads', 'layers', 'losses', 'query_initializers', 'segmenters', 'task_modules', 'task_outputs', 'tracking']
