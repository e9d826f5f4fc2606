"""Using a trained model on any video."""

from gvseg.utils import openmmlab

from .drawn_video import DrawnVideo
from .inferencer import VideoInferencer
from .loading import class_names, load_model, real_video_model, shipped_model
from .result_files import MapFolder, ResultFile, TubeFile
from .shown_objects import ObjectPrompt
from .video_segmenter import VideoSegmenter
from .video_source import VideoFrame, VideoSource

__all__ = [
    'DrawnVideo',
    'MapFolder',
    'ObjectPrompt',
    'ResultFile',
    'TubeFile',
    'VideoFrame',
    'VideoInferencer',
    'VideoSegmenter',
    'VideoSource',
    'class_names',
    'load_model',
    'real_video_model',
    'shipped_model',
]
