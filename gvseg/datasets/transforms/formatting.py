"""Pack a clip for the model."""
import numpy as np
import torch
from mmdet.datasets.transforms.formatting import PackTrackInputs
from mmdet.registry import TRANSFORMS
from mmengine.structures import PixelData

META_KEYS = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor',
             'flip', 'flip_direction', 'frame_id', 'video_id', 'video_length',
             'ori_video_length', 'seg_map_path')


@TRANSFORMS.register_module()
class PackClipInputs(PackTrackInputs):
    """mmdet's packing plus class maps, exemplars and the clip's length.

    ``data_samples`` is a ``TrackDataSample`` with metainfo ``clip_length``
    and, in training, ``key_frames_inds`` and ``ref_frames_inds``; its frames
    have ``gt_instances`` and, where they were made, ``gt_sem_seg`` and
    ``exemplars``.

    Args:
        meta_keys: Further keys to keep for each frame.
    """

    def __init__(self, meta_keys: tuple = ()) -> None:
        super().__init__(meta_keys=tuple(meta_keys),
                         default_meta_keys=META_KEYS)

    def transform(self, results: dict) -> dict:
        """Pack."""
        results['img'] = [np.ascontiguousarray(i) for i in results['img']]
        packed = super().transform(results)
        sample = packed['data_samples']
        sample.set_metainfo(dict(clip_length=results.get(
            'clip_length', len(results['img']))))
        for frame, frame_sample in enumerate(sample.video_data_samples):
            if 'gt_seg_map' in results:
                labels = results['gt_seg_map'][frame].astype(np.int64)
                frame_sample.gt_sem_seg = PixelData(
                    sem_seg=torch.from_numpy(labels)[None])
            if 'exemplars' in results:
                frame_sample.exemplars = results['exemplars'][frame]
        return packed
