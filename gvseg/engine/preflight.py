"""Checks of classes, files, frame sizes and crops before the first iteration of a run.

Settings that cannot work are errors; probable mistakes are notes. A few items of each dataset are loaded with separate
random numbers, so that those of the run do not change.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gvseg.utils.errors import ConfigError

LOOKS = 3
"""Number of items loaded from each dataset."""
FILES = 100
"""Number of videos whose files are checked, evenly spaced over a dataset."""
SMALL_SHARE = 0.4
"""Crops that cover a smaller fraction of the frame get a note."""
LARGE_RATIO = 1.6
"""Training and test scales that differ by a larger factor get a note."""


@dataclass(frozen=True)
class Split:
    """Summary of one dataset.

    Attributes:
        name: "train", "val" or "test".
        kind: class of the dataset.
        source: its annotation file or folder.
        classes: names.
        videos, frames: number of each.
        frame: (H, W) of a sampled frame, as stored.
        scale: mean ratio of network input size to stored size.
        share: mean fraction of a frame that is in the network input.
        recipe: recipe of a general model that the data set names.
    """

    name: str
    kind: str
    source: str
    classes: tuple[str, ...]
    videos: int
    frames: int
    frame: tuple[int, int]
    scale: float
    share: float
    recipe: str | None = None

    def lines(self) -> list[str]:
        """Lines of the report."""
        return [
            f'{self.name:9}{self.kind} {self.source}: {self.videos} videos, {self.frames} frames, '
            f'{len(self.classes) or "unknown"} classes',
            f'         frames of {self.frame[0]}x{self.frame[1]} (height x width), seen at scale {self.scale:.2f}, '
            f'{self.share:.0%} of a frame',
        ]


def splits_of(name: str, dataset: Any) -> Iterator[Split]:
    """Summaries of a dataset, one for each part of a concatenated one; datasets without videos are skipped.

    Raises:
        ConfigError: A file is missing.
        InputError: Raised by the dataset if an item cannot be read.
    """
    for part in getattr(dataset, 'datasets', None) or [dataset]:
        if not hasattr(part, 'get_data_info') or not len(part) or 'images' not in part.get_data_info(0):
            continue
        check_files(part)
        seen = [_seen(part, index) for index in _spread(len(part), LOOKS)]
        classes = tuple(part.metainfo.get('classes') or ())
        frames = sum(part.get_data_info(index)['video_length'] for index in range(len(part)))
        scale, share = (sum(row[column] for row in seen) / len(seen) for column in (1, 2))
        yield Split(
            name,
            type(part).__name__,
            str(part.ann_file or part.data_root),
            classes,
            len(part),
            frames,
            seen[0][0],
            scale,
            share,
            part.metainfo.get('recipe'),
        )


def check_files(dataset: Any) -> None:
    """Check that image and map of the first and the last frame of some videos exist.

    Raises:
        ConfigError: Names the first missing file.
    """
    for index in _spread(len(dataset), FILES):
        images = dataset.get_data_info(index)['images']
        for frame in (images[0], images[-1]):
            for key in ('img_path', 'seg_map_path'):
                path = frame.get(key)
                if path and not os.path.isfile(path):
                    raise ConfigError(
                        f'{dataset.ann_file or dataset.data_root}: the file {path} of video '
                        f'{frame.get("video_id")} is missing. Check data_root and data_prefix in the '
                        'config, or fetch the file.'
                    )


def check_classes(splits: Sequence[Split], num_classes: int | None) -> None:
    """Check that the model and the data have the same number of classes, and training and test the same names.

    Raises:
        ConfigError: Gives both numbers, or the first names that differ.
    """
    named = [split for split in splits if split.classes]
    for split in named:
        if num_classes is not None and len(split.classes) != num_classes:
            raise ConfigError(
                f'model.track_head.num_classes is {num_classes}, but the {split.name} data '
                f'({split.source}) has {len(split.classes)} classes: give both the same number '
                '(loss_cls.class_weight has one entry more).'
            )
        first = named[0].classes
        if split.classes != first:
            number = next(index for index, pair in enumerate(zip(first, split.classes)) if pair[0] != pair[1])
            raise ConfigError(
                f'Class {number} is {first[number]!r} in the {named[0].name} data ({named[0].source}), '
                f'but {split.classes[number]!r} in the {split.name} data ({split.source}): give both '
                'datasets the same metainfo.classes.'
            )


def check_recipes(splits: Sequence[Split], spaces: Mapping[str, Sequence[str]]) -> None:
    """:func:`check_classes` for every recipe of a general model.

    Args:
        splits: of all data sets.
        spaces: by recipe the names of the model's classes.

    Raises:
        ConfigError: A data set names no recipe of the model, or has other classes than it.
    """
    for split in splits:
        if split.recipe not in spaces:
            raise ConfigError(
                f'The {split.name} data ({split.source}) names the recipe {split.recipe!r}, but the model has '
                f'{", ".join(spaces)}: set metainfo=dict(recipe=NAME) of the data set to one of them.'
            )
        names = tuple(spaces[split.recipe])
        if split.classes and split.classes != names:
            raise ConfigError(
                f'The {split.name} data ({split.source}) has the classes {", ".join(split.classes[:5])}, ... '
                f'({len(split.classes)}), but model.recipes.{split.recipe}.classes are {", ".join(names[:5])}, ... '
                f'({len(names)}): give the recipe the classes of its data, in the same order.'
            )


def notes(splits: Sequence[Split]) -> list[str]:
    """Notes on probable mistakes."""
    train = [split for split in splits if split.name == 'train']
    found = [
        f'a training crop covers {split.share:.0%} of a frame of {split.source}: make ClipRandomCrop larger, or '
        'ClipResize smaller'
        for split in train
        if split.share < SMALL_SHARE
    ]
    for split in splits:
        ratio = split.scale / train[0].scale if train and split.name != 'train' else 1
        if not 1 / LARGE_RATIO <= ratio <= LARGE_RATIO:
            found.append(
                f'frames are {max(ratio, 1 / ratio):.1f} times {"larger" if ratio > 1 else "smaller"} at '
                f'{split.name} than in training: bring the sizes of ClipResize together'
            )
    return found


def _seen(dataset: Any, index: int) -> tuple[tuple[int, int], float, float]:
    """Stored size, scale and visible fraction of the first frame of an item."""
    item = dataset[index, [0] if dataset.test_mode else index]
    sample = item['data_samples']
    info = getattr(sample, 'video_data_samples', [sample])[0].metainfo
    height, width = info['ori_shape'][:2]
    x, y = info.get('scale_factor', (1.0, 1.0))
    rows, columns = info['img_shape'][:2]
    return (height, width), (x * y) ** 0.5, min(1.0, rows / y / height * columns / x / width)


def _spread(count: int, wanted: int) -> list[int]:
    """Evenly spaced indices from 0 to count - 1, including both ends."""
    if count <= wanted:
        return list(range(count))
    return sorted({round(step * (count - 1) / (wanted - 1)) for step in range(wanted)})
