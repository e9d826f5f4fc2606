"""Base class of the video datasets: items are clips, training draws are reproducible."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mmdet.datasets.base_video_dataset import BaseVideoDataset
from mmdet.registry import DATASETS
from mmengine.dataset import ConcatDataset

from gvseg.utils.orphans import end_with_parent

from .cache import load_or_make
from .reading import DataError, warn_once
from .segments import map_segments, read_map

ClipIndex = int | tuple[int, int | Sequence[int]]


def collate_frames(video: dict, frames: Sequence[int]) -> dict[str, Any]:
    """Turn frame dicts of a video into one dict of lists, as mmdet does.

    Args:
        video: Item of ``data_list``.
        frames: Frame indices, in order; they may repeat.

    Returns:
        dict: key -> list with one entry a frame, with ``video_id``,
        ``ori_video_length`` (frames of the video) and ``video_length``
        (frames of this item) added, in training also ``draw``, and
        ``recipe`` where the data set names one.
    """
    chosen = [video['images'][frame] for frame in frames]
    keys = {key for frame in chosen for key in frame}
    results = {key: [frame.get(key) for frame in chosen] for key in keys}
    results['video_id'] = [video['video_id']] * len(chosen)
    results['ori_video_length'] = [video['video_length']] * len(chosen)
    results['video_length'] = [len(chosen)] * len(chosen)
    for key in ('draw', 'recipe'):
        if key in video:
            results[key] = [video[key]] * len(chosen)
    return results


class ClipDataset(BaseVideoDataset):
    """Videos whose items are clips.

    ``data_list`` holds dict(video_id, video_length, images); masks stay
    encoded or on disk until a clip is asked for.

    * Test: ``dataset[video, [frame, ...]]`` is a clip, ``dataset[video]`` the
      whole video.
    * Training: ``dataset[video, draw]``. All randomness of the item comes
      from a generator made of (seed, video, draw), put into the pipeline as
      ``rng``; a resumed run therefore gets the samples of an
      uninterrupted one, for any number of workers. Frames of the item have
      ``draw``, (seed, draw), from which the model seeds its own randomness.

    ``metainfo.recipe`` names the recipe of a general model by which the items
    are trained and segmented.

    Args:
        seed: Seed of the draws.
        max_attempts: Draws to try before an error is raised when the
            pipeline returns None (no training target).
        cache_dir: Folder of the annotation cache; see :mod:`gvseg.datasets.cache`.
    """

    def __init__(
        self, *args: Any, seed: int = 0, max_attempts: int = 50, cache_dir: str | None = None, **kwargs: Any
    ) -> None:
        self.seed = seed
        self.max_attempts = max_attempts
        self.cache_dir = cache_dir
        super().__init__(*args, **kwargs)

    @classmethod
    def _load_metainfo(cls, metainfo: Mapping[str, Any] | None = None) -> dict:
        """As the base class, which replaces a text by the lines of the file of that name: not so the recipe."""
        recipe = (metainfo or {}).get('recipe')
        if recipe is None:
            return super()._load_metainfo(metainfo)
        return dict(super()._load_metainfo({**metainfo, 'recipe': None}), recipe=recipe)

    def load_data_list(self) -> list[dict]:
        """Load the videos, from the cache if there is one."""
        if self.cache_dir is None:
            return self.read_videos()
        videos, self._metainfo = load_or_make(self.cache_dir, self, lambda: (self.read_videos(), self._metainfo))
        return videos

    def read_videos(self) -> list[dict]:
        """Read the annotations without opening images or maps.

        Returns:
            list: dict(video_id, video_length, images) of each video.
        """
        raise NotImplementedError(f'{type(self).__name__}.read_videos')

    def filter_data(self) -> list[dict]:
        """Drop videos without frames; in training, also those that
        :meth:`is_trainable` refuses."""
        kept, left_out = [], []
        for video in self.data_list:
            usable = video['video_length'] and (self.test_mode or self.is_trainable(video))
            (kept if usable else left_out).append(video)
        source = self.ann_file or self.data_root
        if not kept:
            what = '' if self.test_mode else ' with an object that is no crowd'
            raise DataError(
                f'{type(self).__name__} found no usable video in {source}: none of its {len(left_out)} '
                f'has a frame{what}.'
            )
        if left_out:
            names = ', '.join(str(video['video_id']) for video in left_out[:5])
            warn_once(
                f'{source}: {len(left_out)} of {len(self.data_list)} videos have no object, or only crowds, and '
                f'are left out of training: {names}{", ..." if len(left_out) > 5 else ""}.'
            )
        if self.test_mode:
            for video in kept:
                self.check_truth(video)
        return kept

    def check_truth(self, video: dict) -> None:
        """Read the first map of a test video, so that a wrong map format or class is reported when the dataset is
        opened and not at the first validation.

        Raises:
            InputError: The map cannot be read, or has a value that is not a class or segment.
        """
        first = next((frame for frame in video['images'] if frame.get('seg_map_path')), None)
        if first is not None:
            map_segments(first, read_map(first))

    def is_trainable(self, video: dict) -> bool:
        """Whether a video has a training target; crowds are not targets."""
        frames = video['images']
        if all(frame.get('instances') is None for frame in frames):
            return any(frame.get('seg_map_path') for frame in frames)
        return any(not instance.get('ignore_flag') for frame in frames for instance in frame['instances'] or ())

    def prepare_data(self, idx: ClipIndex) -> dict | None:
        """Run the pipeline on a clip (test) or on a draw (training)."""
        video_index, choice = idx if isinstance(idx, tuple) else (idx, None)
        video = self.get_data_info(video_index)
        if 'recipe' in self._metainfo:
            video['recipe'] = self._metainfo['recipe']
        if not self.test_mode:
            return self._prepare_draw(video, video_index, choice)
        if choice is None:
            choice = range(video['video_length'])
        frames = [choice] if isinstance(choice, int) else list(choice)
        results = collate_frames(video, frames)
        results['clip_length'] = len(frames)
        return self.pipeline(results)

    def _prepare_draw(self, video: dict, video_index: int, draw: int | None) -> dict | None:
        if draw is None:
            draw = int(np.random.randint(2**31))
        video['rng'] = np.random.default_rng((self.seed, video_index, draw))
        video['draw'] = (self.seed, draw)
        return self.pipeline(video)

    def __getitem__(self, idx: ClipIndex) -> dict:
        """Return an item; training draws without a target are replaced by
        others, which also depend only on (seed, video, draw)."""
        end_with_parent()  # in a loader's worker; called here because every tool and config gets items by it
        if self.test_mode:
            return super().__getitem__(idx)
        self.full_init()
        video_index, draw = idx if isinstance(idx, tuple) else (idx, None)
        if draw is None:
            draw = int(np.random.randint(2**31))
        retry = np.random.default_rng((self.seed, video_index, draw, 1))
        for _ in range(self.max_attempts):
            data = self.prepare_data((video_index, draw))
            if data is not None:
                return data
            video_index = int(retry.integers(len(self)))
            draw = int(retry.integers(2**31))
        raise DataError(
            f'{self.max_attempts} draws from {self.ann_file} gave '
            'nothing to train on; are the objects too small for '
            'the crop?'
        )

    def set_metainfo(self, **values: Any) -> None:
        """Add metainfo of an annotation file; values of the config take precedence."""
        for key, value in values.items():
            if self._metainfo.get(key) is None:
                self._metainfo[key] = value


@DATASETS.register_module()
class ClipConcatDataset(ConcatDataset):
    """Concatenation of training datasets; forwards (index, draw).

    Parts that name different recipes (``metainfo.recipe``) may differ in all of their metainfo; ``metainfo`` is then
    dict(recipes=dict(NAME=CLASSES)).

    Args:
        datasets: the parts or their configs.
        lazy_init: as the base class.
        ignore_keys: metainfo in which parts of one recipe may differ.

    Raises:
        DataError: Parts of one recipe have different classes.
    """

    def __init__(
        self, datasets: Sequence[Any], lazy_init: bool = False, ignore_keys: str | list[str] | None = None
    ) -> None:
        parts = [DATASETS.build(part) if isinstance(part, dict) else part for part in datasets]
        recipes: dict[str | None, tuple[str, ...]] = {}
        for part in parts:
            recipe, classes = part.metainfo.get('recipe'), tuple(part.metainfo.get('classes') or ())
            if recipes.setdefault(recipe, classes) != classes and recipe is not None:
                raise DataError(
                    f'{part.ann_file or part.data_root} has other classes than the data set of the recipe '
                    f'{recipe!r} before it: give it a recipe of its own.'
                )
        several = len(recipes) > 1
        super().__init__(parts, lazy_init, [key for part in parts for key in part.metainfo] if several else ignore_keys)
        if several:
            self._metainfo = dict(recipes=recipes)

    def __getitem__(self, idx: ClipIndex) -> dict:
        """Return an item of the dataset that contains the index."""
        index, draw = idx if isinstance(idx, tuple) else (idx, None)
        dataset, inner = self._get_ori_dataset_idx(index)
        return self.datasets[dataset][inner if draw is None else (inner, draw)]
