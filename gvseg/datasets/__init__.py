"""Datasets, samplers and transforms."""

from gvseg.utils import openmmlab

from . import transforms
from .base import ClipConcatDataset, ClipDataset, collate_frames
from .burst import BURSTDataset
from .coco_pseudo import COCOPseudoVideoDataset
from .exemplar_videos import DAVISDataset, YouTubeVOSDataset
from .kitti_step import KITTISTEPDataset
from .reading import DataError
from .samplers import ClipDrawSampler, ClipSampler, RecipeDrawSampler
from .segments import STUFF_ID_OFFSET, Segments, load_segments
from .vipseg import VIPSegDataset
from .vspw import VSPWDataset
from .youtube_vis import OVISDataset, YouTubeVIS2019Dataset, YouTubeVIS2021Dataset, YouTubeVISVideoDataset

__all__ = [
    'STUFF_ID_OFFSET',
    'BURSTDataset',
    'COCOPseudoVideoDataset',
    'ClipConcatDataset',
    'ClipDataset',
    'ClipDrawSampler',
    'ClipSampler',
    'DAVISDataset',
    'DataError',
    'KITTISTEPDataset',
    'OVISDataset',
    'RecipeDrawSampler',
    'Segments',
    'VIPSegDataset',
    'VSPWDataset',
    'YouTubeVIS2019Dataset',
    'YouTubeVIS2021Dataset',
    'YouTubeVISVideoDataset',
    'YouTubeVOSDataset',
    'collate_frames',
    'load_segments',
]
