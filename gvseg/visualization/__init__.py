"""Visualization of predictions: overlays, contact sheets, videos, plots and a registered visualizer."""

from gvseg.utils import openmmlab

from .drawing import Style, legend, overlay
from .json_backend import JsonVisBackend
from .layout import contact_sheet, evenly_spaced_frames, identity_names, side_by_side
from .palette import class_colours, id_colours
from .recorder import VideoRecorder, read_rgb, write_png
from .segments import FrameSegments, predicted_segments, true_segments
from .video_file import VideoFile
from .visualizer import GvSegVisualizer
from .window import window_backend

__all__ = [
    'FrameSegments',
    'GvSegVisualizer',
    'JsonVisBackend',
    'Style',
    'VideoFile',
    'VideoRecorder',
    'class_colours',
    'contact_sheet',
    'evenly_spaced_frames',
    'id_colours',
    'identity_names',
    'legend',
    'overlay',
    'predicted_segments',
    'read_rgb',
    'side_by_side',
    'true_segments',
    'window_backend',
    'write_png',
]
