"""Moving Shapes: small generated videos in the benchmarks' file formats."""

from .generate import SplitSettings, generate_split
from .render import CLASSES, Frame, render_video
from .scene import THING_CLASSES, plan_scene
from .textures import STUFF_CLASSES

__all__ = [
    'CLASSES',
    'STUFF_CLASSES',
    'THING_CLASSES',
    'Frame',
    'SplitSettings',
    'generate_split',
    'plan_scene',
    'render_video',
]
