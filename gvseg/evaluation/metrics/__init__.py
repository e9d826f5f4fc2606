"""Metrics registered in mmdet.registry.METRICS: thin layers over `gvseg.evaluation.functional`."""
from gvseg.utils import openmmlab  # noqa: F401  (first: says what is missing)

from .burst_metric import BurstMetric  # noqa: F401
from .dump_video_results import DumpVideoResults  # noqa: F401
from .kitti_step_metric import KITTIStepMetric  # noqa: F401
from .panoptic_counts_metric import VideoPanopticCountsMetric  # noqa: F401
from .video_object_metric import VideoObjectMetric  # noqa: F401
from .video_panoptic_metric import VideoPanopticMetric  # noqa: F401
from .video_semantic_metric import UnrolledIoUMetric, VideoSemanticMetric  # noqa: F401
from .youtube_vis_metric import YouTubeVISVideoMetric  # noqa: F401
