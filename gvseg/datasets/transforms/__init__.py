"""Transforms of the data pipelines; all of them process whole clips."""

from .exemplar_data import Exemplar, box_region, check_point, make_exemplar, pack_exemplars, sample_exemplar
from .exemplars import MakeExemplars
from .formatting import PackClipInputs
from .geometry import ClipPhotoMetricDistortion, ClipRandomCrop, ClipRandomFlip, ClipResize
from .loading import LoadClipAnnotations, LoadClipFrames
from .pseudo_video import CameraPseudoVideo, PseudoVideo
from .reference_frames import ReferenceFrameSelector, TemporalContrastiveFrameSample

__all__ = [
    'CameraPseudoVideo',
    'ClipPhotoMetricDistortion',
    'ClipRandomCrop',
    'ClipRandomFlip',
    'ClipResize',
    'Exemplar',
    'LoadClipAnnotations',
    'LoadClipFrames',
    'MakeExemplars',
    'PackClipInputs',
    'PseudoVideo',
    'ReferenceFrameSelector',
    'TemporalContrastiveFrameSample',
    'box_region',
    'check_point',
    'make_exemplar',
    'pack_exemplars',
    'sample_exemplar',
]
