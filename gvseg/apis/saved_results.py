"""Predictions that ``tools/test.py --out FILE.pkl`` saved, with the ground truth of their dataset.

Shapes: n segments, H W frame pixels.
"""

import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from mmdet.registry import DATASETS
from mmdet.structures import DetDataSample
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData

from gvseg.datasets import STUFF_ID_OFFSET, load_segments
from gvseg.evaluation.functional.measures.tube_errors import Segmented, TubeCounter
from gvseg.formats.errors import InputError
from gvseg.visualization.segments import FrameSegments, predicted_segments, true_segments

Frames = list[DetDataSample]


def read_results(path: str | Path) -> dict[object, Frames]:
    """Frames of every video, in the order of the test.

    Args:
        path: a pickle file; opening it can run code, so take only files of one's own.

    Raises:
        InputError: missing, or no file of ``--out``.
    """
    if not Path(path).is_file():
        raise InputError('does not exist', path, cure='write it with tools/test.py CONFIG CHECKPOINT --out FILE.pkl')
    videos: dict[object, Frames] = {}
    try:
        with open(path, 'rb') as file:
            clips = pickle.load(file)
        for clip in clips:
            for frame in clip['video_data_samples']:
                videos.setdefault(frame.video_id, []).append(frame)
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, AttributeError) as error:
        raise InputError('holds no predictions of tools/test.py --out', path, cure='write it again') from error
    return videos


def test_data(config: Config) -> BaseDataset:
    """The test dataset of a config."""
    init_default_scope(config.get('default_scope', 'mmdet'))
    return DATASETS.build(config.test_dataloader.dataset)


test_data.__test__ = False  # pytest takes the name for a test


def with_truth(
    dataset: BaseDataset, results: dict[object, Frames], path: str | Path
) -> Iterator[tuple[object, Frames]]:
    """Every predicted video of a dataset, with ``gt_instances`` (masks, labels, ids) in its frames.

    Args:
        dataset: result of :func:`test_data`.
        results: result of :func:`read_results`.
        path: their file, for messages.

    Raises:
        InputError: a video has no prediction, or of another number of frames.
    """
    for index in range(len(dataset)):
        video = dataset.get_data_info(index)
        frames = results.get(video['video_id'], [])
        if len(frames) != video['video_length']:
            raise InputError(
                f'has {len(frames)} frames of video {video["video_id"]}, the dataset has {video["video_length"]}',
                path,
                cure='test again with this config',
            )
        for frame, record in zip(frames, video['images']):
            found = load_segments(record, tuple(frame.ori_shape))
            frame.gt_instances = InstanceData(
                masks=torch.from_numpy(found.masks),
                labels=torch.from_numpy(found.labels),
                instances_ids=torch.from_numpy(found.ids),
                ignored=torch.from_numpy(found.ignored),
            )
        yield video['video_id'], frames


def count_errors(video: object, frames: Frames, class_names: tuple[str, ...], min_score: float) -> TubeCounter:
    """Count matched and missed tubes of a video, and confusions of classes.

    Args:
        video, frames: an item of :func:`with_truth`.
        class_names: C names.
        min_score: instances below do not count.
    """
    counter = TubeCounter(video, len(class_names))
    for frame in frames:
        true = true_segments(frame, class_names)
        ignored = frame.gt_instances.ignored.numpy()
        void = true.masks[ignored].any(0)
        if (frame.gt_instances.instances_ids >= STUFF_ID_OFFSET).any():
            void = void | ~true.masks.any(0)  # where classes are regions, what has no class is void
        found = predicted_segments(frame, class_names, min_score)
        counter.add_frame(_plain(true.select(~ignored)), _plain(found), void)
    return counter


def _plain(segments: FrameSegments) -> Segmented:
    """Masks, labels and ids; ids of things and of regions do not collide, as a tube's key includes its class."""
    return Segmented(np.asarray(segments.masks, bool), segments.labels, segments.ids)
