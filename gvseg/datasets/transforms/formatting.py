"""Pack a clip for the model."""

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmdet.registry import TRANSFORMS
from mmdet.structures import DetDataSample, TrackDataSample
from mmengine.structures import InstanceData, PixelData

META_KEYS = (
    'img_id',
    'img_path',
    'ori_shape',
    'img_shape',
    'scale_factor',
    'flip',
    'flip_direction',
    'frame_id',
    'video_id',
    'video_length',
    'ori_video_length',
    'seg_map_path',
    'draw',
    'recipe',
)
INSTANCE_KEYS = dict(gt_bboxes='bboxes', gt_bboxes_labels='labels', gt_instances_ids='instances_ids', gt_masks='masks')


@TRANSFORMS.register_module()
class PackClipInputs(BaseTransform):
    """To ``inputs`` (T, 3, H, W) uint8 and a ``TrackDataSample``.

    As mmdet's ``PackTrackInputs``, plus class maps, exemplars and the clip's
    length. Not a subclass: mmdet's setter of ``video_data_samples`` formats a
    whole frame as text on every call, a fifth of the time of a small item.

    The sample has metainfo ``clip_length`` and, in training,
    ``key_frames_inds`` and ``ref_frames_inds``; its frames have
    ``gt_instances``, ``ignored_instances`` and, if present,
    ``gt_sem_seg`` and ``exemplars``.

    Args:
        meta_keys: Further keys to keep for each frame.
    """

    def __init__(self, meta_keys: Sequence[str] = ()) -> None:
        self.meta_keys = META_KEYS + tuple(meta_keys)

    def transform(self, results: dict) -> dict:
        """Pack."""
        images = np.ascontiguousarray(np.stack(results['img']))
        inputs = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
        sample = TrackDataSample()
        sample.set_field([self._frame(results, i) for i in range(len(images))], '_video_data_samples', dtype=list)
        meta = dict(clip_length=results.get('clip_length', len(images)))
        if 'key_frame_flags' in results:
            flags = np.asarray(results['key_frame_flags'])
            meta['key_frames_inds'] = np.flatnonzero(flags).tolist()
            meta['ref_frames_inds'] = np.flatnonzero(~flags).tolist()
        sample.set_metainfo(meta)
        return dict(inputs=inputs, data_samples=sample)

    def _frame(self, results: dict, frame: int) -> DetDataSample:
        sample = DetDataSample(metainfo={key: results[key][frame] for key in self.meta_keys if key in results})
        if 'gt_ignore_flags' in results:
            ignored = results['gt_ignore_flags'][frame]
            sample.gt_instances = self._instances(results, frame, ~ignored)
            sample.ignored_instances = self._instances(results, frame, ignored)
        if 'gt_seg_map' in results:
            labels = results['gt_seg_map'][frame].astype(np.int64)
            sample.gt_sem_seg = PixelData(sem_seg=torch.from_numpy(labels)[None])
        if 'exemplars' in results:
            sample.exemplars = results['exemplars'][frame]
        return sample

    @staticmethod
    def _instances(results: dict, frame: int, keep: np.ndarray) -> InstanceData:
        """The segments of a frame where ``keep`` (n,) is true."""
        instances = InstanceData()
        rows = np.flatnonzero(keep)
        for key, name in INSTANCE_KEYS.items():
            values = results[key][frame][rows]
            if isinstance(values, np.ndarray):
                values = torch.from_numpy(values)
            instances[name] = values
        return instances
