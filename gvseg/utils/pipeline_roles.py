"""What the steps of a data pipeline are for, so that inference finds them whatever they are called.

A transform says its role by a class attribute ``pipeline_role``; subclasses inherit it, and a transform of one's own
may set it. Transforms without the attribute have no role and are used as they are.
"""

from enum import Enum
from typing import Any

from mmengine.registry import Registry


class PipelineRole(str, Enum):
    """Roles that inference treats specially."""

    LOAD_FRAMES = 'load_frames'
    """Reads images; frames of a stream are in memory already."""
    LOAD_ANNOTATIONS = 'load_annotations'
    """Reads ground truth; a stream has none."""
    SHOW_OBJECTS = 'show_objects'
    """Makes exemplars from ground truth; a stream's are shown by the user."""
    RESIZE = 'resize'
    """Sets the size of the network's input; ``short_side`` takes its place."""


def role_of(step: dict[str, Any], transforms: Registry) -> PipelineRole | None:
    """Role of a step of a config's pipeline.

    Args:
        step: its config.
        transforms: where its type is registered.
    """
    kind = step['type']
    transform = transforms.get(kind) if isinstance(kind, str) else kind
    return getattr(transform, 'pipeline_role', None)
