"""Models, registered with mmdet."""

from gvseg.utils import openmmlab

from . import associators, heads, layers, losses, query_initializers, segmenters, task_modules, task_outputs

__all__ = [
    'associators',
    'heads',
    'layers',
    'losses',
    'query_initializers',
    'segmenters',
    'task_modules',
    'task_outputs',
]
