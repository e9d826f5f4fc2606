"""Data samples of every kind of prediction on one hand-made frame of 4 x 8 pixels.

Left half: thing 5 of class 1 in columns 0-1; thing 6 of class 0 in columns 2-3. Right half: stuff class 2.
"""

from pathlib import Path

import cv2
import numpy as np
import torch
from mmdet.structures import DetDataSample
from mmengine.runner import BaseLoop
from mmengine.structures import InstanceData, PixelData

from gvseg.core.panoptic import PACKED_VOID, pack

CLASSES = ('cat', 'dog', 'sky')
HEIGHT, WIDTH = 4, 8


class TrainedLoop(BaseLoop):
    """A training loop that stands at an iteration."""

    def __init__(self, iteration: int) -> None:
        self.iter = iteration

    def run(self) -> None:
        """Nothing to do."""


def columns(first: int, end: int) -> np.ndarray:
    """(4, 8) bool mask of the columns first..end-1."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[:, first:end] = True
    return mask


def empty_sample(path: Path | None = None, frame: int = 0, video: object = 1) -> DetDataSample:
    """A frame without prediction; its image is written where a path is given."""
    if path is not None:
        image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
        path.write_bytes(cv2.imencode('.png', image)[1].tobytes())
    return DetDataSample(metainfo=dict(img_path=str(path), frame_id=frame, video_id=video, ori_shape=(HEIGHT, WIDTH)))


def with_instances(sample: DetDataSample) -> DetDataSample:
    """Thing 5 with score 0.9, thing 6 with score 0.4, and a doubtful one with 0.1."""
    masks = np.stack([columns(0, 2), columns(2, 4), columns(4, 8)])
    sample.pred_track_instances = InstanceData(
        masks=torch.from_numpy(masks),
        instances_id=torch.tensor([5, 6, 7]),
        labels=torch.tensor([1, 0, 0]),
        scores=torch.tensor([0.9, 0.4, 0.1]),
    )
    return sample


def with_semantic(sample: DetDataSample) -> DetDataSample:
    """Class 1 in columns 0-3, class 2 in the rest."""
    sample.pred_sem_seg = PixelData(sem_seg=torch.from_numpy(np.where(columns(0, 4), 1, 2))[None])
    return sample


def with_panoptic(sample: DetDataSample) -> DetDataSample:
    """Thing 5 of class 1 in columns 0-1, void in 2-3, stuff class 2 in 4-7."""
    packed = np.full((HEIGHT, WIDTH), PACKED_VOID, np.int64)
    packed[:, :2] = pack(1, 5)
    packed[:, 4:] = pack(2, 0)
    sample.pred_panoptic_seg = PixelData(sem_seg=torch.from_numpy(packed)[None])
    return sample


def with_objects(sample: DetDataSample) -> DetDataSample:
    """Object 5 in columns 0-1, background elsewhere."""
    sample.pred_object_map = PixelData(sem_seg=torch.from_numpy(np.where(columns(0, 2), 5, 0))[None])
    return sample


def with_truth(sample: DetDataSample) -> DetDataSample:
    """Thing 31 of class 1 in columns 0-1 and stuff class 2 in columns 4-7."""
    sample.gt_instances = InstanceData(
        masks=torch.from_numpy(np.stack([columns(0, 2), columns(4, 8)])),
        labels=torch.tensor([1, 2]),
        instances_ids=torch.tensor([31, 1_000_002]),
    )
    return sample
