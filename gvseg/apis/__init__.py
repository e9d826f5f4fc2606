"""Using a trained model on any video.

The names below are imported when they are first used: ``import gvseg.apis`` loads neither torch nor mmdet.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .drawn_video import DrawnVideo, SideBySideVideo
    from .exported_files import CocoFile, CutoutFolder
    from .inferencer import VideoInferencer
    from .loading import class_names, load_model, real_video_model, shipped_model
    from .object_reports import ObjectReport
    from .result_files import MapFolder, ResultFile, TubeFile
    from .shown_objects import ObjectPrompt
    from .video_inputs import open_video
    from .video_result import FrameResult, VideoResult
    from .video_segmenter import VideoSegmenter
    from .video_session import VideoSession
    from .video_source import VideoFrame, VideoSource

MODULES = {
    'drawn_video': ('DrawnVideo', 'SideBySideVideo'),
    'exported_files': ('CocoFile', 'CutoutFolder'),
    'inferencer': ('VideoInferencer',),
    'loading': ('class_names', 'load_model', 'real_video_model', 'shipped_model'),
    'object_reports': ('ObjectReport',),
    'result_files': ('MapFolder', 'ResultFile', 'TubeFile'),
    'shown_objects': ('ObjectPrompt',),
    'video_inputs': ('open_video',),
    'video_result': ('FrameResult', 'VideoResult'),
    'video_segmenter': ('VideoSegmenter',),
    'video_session': ('VideoSession',),
    'video_source': ('VideoFrame', 'VideoSource'),
}
"""Module -> what it exports."""

__all__ = [
    'CocoFile',
    'CutoutFolder',
    'DrawnVideo',
    'FrameResult',
    'MapFolder',
    'ObjectPrompt',
    'ObjectReport',
    'ResultFile',
    'SideBySideVideo',
    'TubeFile',
    'VideoFrame',
    'VideoInferencer',
    'VideoResult',
    'VideoSegmenter',
    'VideoSession',
    'VideoSource',
    'class_names',
    'load_model',
    'open_video',
    'real_video_model',
    'shipped_model',
]


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562)."""
    module = next((module for module, names in MODULES.items() if name in names), None)
    if module is None:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    import_module('gvseg.utils.openmmlab')  # first: checks dependencies
    globals()[name] = value = getattr(import_module(f'{__name__}.{module}'), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
