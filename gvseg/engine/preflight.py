"""A look at everything a run will use, before its first iteration: classes, files, sizes, what of a frame is seen.

What cannot work is an error; what is probably not meant is a note. Data sets are asked for a few items, with draws of
their own, so that the run's random numbers stay as they are.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gvseg.utils.errors import ConfigError

LOOKS = 3
"""Items taken of each dataset."""
FILES = 100
"""Videos whose first frame's files are looked for, evenly spaced over a dataset."""
SMALL_SHARE = 0.4
"""A crop that sees less of a frame gets a note."""
LARGE_RATIO = 1.6
"""So do scales at training and test that differ by more."""


@dataclass(frozen=True)
class Split:
    """What one dataset holds.

    Attributes:
        name: "train", "val" or "test".
        kind: class of the dataset.
        source: its annotation file or folder.
        classes: names.
        videos, frames: how many there are.
        frame: (H, W) of the frame looked at, as the file has it.
        scale: mean size of what the network gets over that of the file.
        share: mean part of a frame that it gets.
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

    def lines(self) -> list[str]:
        """For the screen."""
        return [
            f'{self.name:9}{self.kind} {self.source}: {self.videos} videos, {self.frames} frames, '
            f'{len(self.classes) or "unknown"} classes',
            f'         frames of {self.frame[0]}x{self.frame[1]} (height x width), seen at scale {self.scale:.2f}, '
            f'{self.share:.0%} of a frame',
        ]


def splits_of(name: str, dataset: Any) -> Iterator[Split]:
    """What a dataset holds, each part of a joined one by itself; datasets without videos of frames are left out.

    Raises:
        ConfigError: A file is missing.
        InputError: The dataset's own, where an item cannot be read.
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
        )


def check_files(dataset: Any) -> None:
    """Look for image and map of the first and the last frame of some videos.

    Raises:
        ConfigError: Names the first that is missing.
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
    """Check that the model has the classes of the data, and that training and test name them alike.

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


def notes(splits: Sequence[Split]) -> list[str]:
    """What is probably not meant."""
    train = [split for split in splits if split.name == 'train']
    found = [
        f'a training crop sees {split.share:.0%} of a frame of {split.source}: make ClipRandomCrop larger, or '
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
    """Size of the file, scale and share of the first frame that the network gets of an item."""
    item = dataset[index, [0] if dataset.test_mode else index]
    sample = item['data_samples']
    info = getattr(sample, 'video_data_samples', [sample])[0].metainfo
    height, width = info['ori_shape'][:2]
    x, y = info.get('scale_factor', (1.0, 1.0))
    rows, columns = info['img_shape'][:2]
    return (height, width), (x * y) ** 0.5, min(1.0, rows / y / height * columns / x / width)


def _spread(count: int, wanted: int) -> list[int]:
    """Numbers from 0 to count - 1, the first and the last among them."""
    if count <= wanted:
        return list(range(count))
    return sorted({round(step * (count - 1) / (wanted - 1)) for step in range(wanted)})
