"""Using a trained model on any video."""
from .loading import class_names, load_model, shipped_model
from .shown_objects import ShownObject
from .video_segmenter import VideoSegmenter
from .video_source import VideoSource

__all__ = ['ShownObject', 'VideoSegmenter', 'VideoSource', 'class_names', 'load_model', 'shipped_model']
