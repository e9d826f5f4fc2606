"""mmseg segmenters on clips: frames are processed independently, in the order in which GvSeg gets them.

Shapes: B videos, T frames of an item, C classes, H W frame size.
"""

from typing import Any

import mmseg.models  # noqa: F401  (registers)
import torch.nn.functional as F
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from mmengine.model import BaseModel
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch import Tensor


@MODELS.register_module()
class PerFrameSegmenter(BaseModel):
    """Per-frame segmenter with the clip interface of GvSeg.

    Args:
        segmenter: Config of an mmseg segmenter.
        data_preprocessor: As in GvSeg's configs.
    """

    def __init__(self, segmenter: dict, data_preprocessor: dict) -> None:
        super().__init__(data_preprocessor=data_preprocessor)
        # The mmseg scope resolves the names of its modules.
        self.segmenter = MODELS.build(dict(segmenter, _scope_='mmseg'))

    def forward(self, inputs: Any, data_samples: list[Any], mode: str = 'predict') -> dict[str, Tensor] | list:
        """``inputs`` (B, T, 3, H, W): losses in mode 'loss', else the samples with ``pred_sem_seg``."""
        inputs = inputs['imgs'] if isinstance(inputs, dict) else inputs
        frames = [frame for sample in data_samples for frame in sample.video_data_samples]
        pixels = inputs.flatten(0, 1)
        if mode == 'loss':
            return self.segmenter.decode_head.loss(
                self.segmenter.extract_feat(pixels), [self._truth(frame) for frame in frames], {}
            )
        shape = tuple(pixels.shape[-2:])
        scores = self.segmenter.encode_decode(pixels, [dict(img_shape=shape)] * len(frames))
        for frame, score in zip(frames, scores):
            height, width = frame.img_shape[:2]
            score = F.interpolate(score[None, :, :height, :width], frame.ori_shape[:2], mode='bilinear')
            frame.pred_sem_seg = PixelData(sem_seg=score.argmax(1).cpu())
        return [TrackDataSample(video_data_samples=list(sample.video_data_samples)) for sample in data_samples]

    @staticmethod
    def _truth(frame: Any) -> SegDataSample:
        return SegDataSample(gt_sem_seg=PixelData(data=frame.gt_sem_seg.sem_seg))
