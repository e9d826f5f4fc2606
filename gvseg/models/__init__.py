"""Models, registered with mmdet."""
from gvseg.utils import openmmlab  # noqa: F401  (first: says what is missing)

from . import (associators, heads, layers, losses, query_initializers, segmenters, task_modules, task_outputs)

__all__ = [
    'associators', 'heads', 'layers', 'losses', 'query_initializers', 'segmenters', 'task_modules', 'task_outputs'
]
