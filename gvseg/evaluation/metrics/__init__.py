"""Metrics registered in mmdet.registry.METRICS: thin layers over `gvseg.evaluation.functional`."""
from .video_object_metric import VideoObjectMetric  # noqa: F401
from .video_semantic_metric import UnrolledIoUMetric, VideoSemanticMetric  # noqa: F401
