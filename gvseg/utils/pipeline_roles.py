"""Roles of the steps of a data pipeline, by which inference finds them independently of their names.

A transform declares its role by a class attribute ``pipeline_role``; subclasses inherit it, and custom transforms
may set it. Transforms without the attribute have no role and are used as they are.
"""

from enum import Enum
from typing import Any

from mmengine.registry import Registry


class PipelineRole(str, Enum):
    """Roles that inference replaces or removes."""

    LOAD_FRAMES = 'load_frames'
    """Reads images; frames of a stream are in memory already."""
    LOAD_ANNOTATIONS = 'load_annotations'
    """Reads ground truth; a stream has none."""
    SHOW_OBJECTS = 'show_objects'
    """Makes exemplars from ground truth; for a stream the user gives them."""
    RESIZE = 'resize'
    """Resizes the network's input; ``short_side`` overrides it."""


def role_of(step: dict[str, Any], transforms: Registry) -> PipelineRole | None:
    """Role of a step of a config's pipeline.

    Args:
        step: its config.
        transforms: where its type is registered.
    """
    kind = step['type']
    transform = transforms.get(kind) if isinstance(kind, str) else kind
    return getattr(transform, 'pipeline_role', None)
