"""Metrics registered in mmdet.registry.METRICS: thin wrappers of `gvseg.evaluation.functional`."""

from gvseg.utils import openmmlab

from .burst_metric import BurstMetric
from .dump_video_results import DumpVideoResults
from .kitti_step_metric import KITTIStepMetric
from .panoptic_counts_metric import VideoPanopticCountsMetric
from .video_object_metric import VideoObjectMetric
from .video_panoptic_metric import VideoPanopticMetric
from .video_semantic_metric import UnrolledIoUMetric, VideoSemanticMetric
from .youtube_vis_metric import YouTubeVISVideoMetric
