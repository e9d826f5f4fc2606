"""Detect the layout of a folder of annotated videos, with its classes, sizes and lengths.

Used to write a config for custom data (``tools/misc/new_dataset.py``); dataset classes read the same files in full.
"""

from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from .errors import InputError
from .files import list_files, list_folders
from .json_files import read_json

IMAGES = ('.jpg', '.jpeg', '.png')
LOOKED_AT = 20  # number of videos opened for their frame size, and of maps opened for their values
LAYOUTS = """a JSON of videos, categories and annotations with "segmentations" (VIS) or "segments_info" (VPS) beside the
frames; lists train.txt, val.txt beside data/VIDEO/origin and data/VIDEO/mask (VSS); JPEGImages/VIDEO and
Annotations/VIDEO with or without meta.json (EVS)""".replace('\n', ' ')


@dataclass(frozen=True)
class Layout:
    """Layout and statistics of a folder.

    Attributes:
        task: 'vis', 'vss', 'vps' or 'evs', as in the names of configs.
        dataset: type and files of the dataset, relative to ``root``.
        root: the folder.
        classes: names; things first for 'vps'; ('object',) for 'evs'.
        num_things: number of thing classes.
        size: (H, W), the median over videos.
        videos: number of videos.
        frames: number of frames of all videos.
        shortest: number of frames of the shortest video.
        notes: what the user must check.
    """

    task: str
    dataset: dict
    root: Path
    classes: tuple[str, ...]
    num_things: int
    size: tuple[int, int]
    videos: int
    frames: int
    shortest: int
    notes: tuple[str, ...] = field(default=())


def find_layout(root: str | Path, split: str = 'train') -> Layout:
    """Detect the layout of a folder.

    Args:
        root: the folder, or the annotation file in it.
        split: whose file to take if names contain 'train' and 'val'.

    Raises:
        InputError: the folder is missing, or has none of the four layouts.
    """
    root = Path(root)
    files = [root] if root.is_file() else sorted(root.glob('*.json')) + sorted(root.glob('annotations/*.json'))
    root = root.parent if root.is_file() else root
    if not root.is_dir():
        raise InputError('does not exist', root, cure='give the folder of the annotated videos')
    for file in sorted(files, key=lambda path: (split not in path.name, path.name)):
        content = read_json(file)
        if isinstance(content, dict) and isinstance(content.get('videos'), (list, dict)):
            read = _object_videos if isinstance(content['videos'], dict) else _video_json(content)
            return read(root, file, content)
    for listed in (root / f'{split}.txt', root / 'train.txt', root / 'val.txt'):
        if listed.is_file() and (root / 'data').is_dir():
            return _semantic(root, listed)
    if (root / 'JPEGImages').is_dir() and (root / 'Annotations').is_dir():
        return _object_videos(root, None, {})
    raise InputError('has no known layout', root, cure=f'known layouts: {LAYOUTS}')


def _video_json(content: dict):
    """Reader of a JSON that lists videos."""
    panoptic = any('annotations' in entry for entry in content.get('annotations') or ())
    return _panoptic if panoptic else _instances


def _names(content: dict, file: Path) -> list[dict]:
    """Categories in order of their ids.

    Raises:
        InputError: there are none.
    """
    try:
        return sorted(({'isthing': 1, **entry} for entry in content['categories']), key=lambda entry: entry['id'])
    except (KeyError, TypeError) as error:
        raise InputError('lists no categories with id and name', file) from error


def _instances(root: Path, file: Path, content: dict) -> Layout:
    """YouTube-VIS."""
    videos = content['videos']
    folder = _folder_of(root, [video['file_names'][0] for video in videos[:1]], file)
    classes = tuple(str(entry['name']) for entry in _names(content, file))
    lengths = [len(video['file_names']) for video in videos]
    sizes = [(video['height'], video['width']) for video in videos]
    return _layout(
        'vis',
        root,
        classes,
        len(classes),
        sizes,
        lengths,
        dataset=dict(type='YouTubeVISVideoDataset', ann_file=_below(file, root), data_prefix=dict(img_path=folder)),
    )


def _panoptic(root: Path, file: Path, content: dict) -> Layout:
    """VIPSeg."""
    videos, entries = content['videos'], _names(content, file)
    things = [str(entry['name']) for entry in entries if entry['isthing']]
    stuff = [str(entry['name']) for entry in entries if not entry['isthing']]
    first = f'{videos[0]["video_id"]}/{videos[0]["images"][0]["file_name"]}'
    frames = _folder_of(root, [first], file)
    maps = _folder_of(root, [str(Path(first).with_suffix('.png'))], file, other_than=frames)
    sizes = [(video['images'][0]['height'], video['images'][0]['width']) for video in videos]
    return _layout(
        'vps',
        root,
        (*things, *stuff),
        len(things),
        sizes,
        [len(video['images']) for video in videos],
        dataset=dict(
            type='VIPSegDataset', ann_file=_below(file, root), data_prefix=dict(img_path=frames, seg_map_path=maps)
        ),
    )


def _semantic(root: Path, listed: Path) -> Layout:
    """VSPW, whose files do not name the classes."""
    videos = listed.read_text(encoding='utf-8').split()
    frames = [list_files(root / 'data' / video / 'origin', IMAGES, 'frame') for video in videos]
    maps = [path for video in videos[:LOOKED_AT] for path in sorted((root / 'data' / video / 'mask').glob('*.png'))]
    maps = maps[:: max(1, len(maps) // LOOKED_AT)]
    largest = max((int(values[values < 255].max(initial=0)) for values in map(_values, maps)), default=0)
    if not largest:
        raise InputError('no mask has a class (values 1 to 254)', root / 'data')
    classes = tuple(f'class {number}' for number in range(1, largest + 1))
    sizes = [_size(root / 'data' / video / 'origin' / names[0]) for video, names in zip(videos, frames)]
    return _layout(
        'vss',
        root,
        classes,
        0,
        sizes,
        [len(names) for names in frames],
        notes=(f'Name the classes: {len(maps)} masks were opened and the largest value is {largest}.',),
        dataset=dict(
            type='VSPWDataset', ann_file=listed.name, data_prefix=dict(img_path='data'), metainfo=dict(classes=classes)
        ),
    )


def _object_videos(root: Path, file: Path | None, content: dict) -> Layout:
    """YouTube-VOS, or DAVIS without a meta.json."""
    inner = '480p' if (root / 'JPEGImages/480p').is_dir() else ''
    frames, maps = (str(Path(name) / inner) for name in ('JPEGImages', 'Annotations'))
    videos = sorted(content.get('videos') or list_folders(root / frames))
    names = [list_files(root / frames / video, IMAGES, 'frame') for video in videos]
    sizes = [_size(root / frames / video / files[0]) for video, files in zip(videos, names)]
    dataset: dict = (
        dict(type='YouTubeVOSDataset', ann_file=_below(file, root))
        if file
        else dict(type='DAVISDataset', sequences=tuple(videos))
    )
    if file is None and _are_binary([root / maps / video for video in videos[:LOOKED_AT]]):
        dataset['single_object'] = True
    return _layout(
        'evs',
        root,
        ('object',),
        1,
        sizes,
        [len(files) for files in names],
        dataset=dict(dataset, data_prefix=dict(img_path=frames, seg_map_path=maps)),
    )


def _are_binary(folders: list[Path]) -> bool:
    """Whether the first maps contain only 0 and 255, as in DAVIS-2016."""
    values = {
        value
        for folder in folders
        for path in sorted(folder.glob('*.png'))[:1]
        for value in np.unique(_values(path)).tolist()
    }
    return 255 in values and values <= {0, 255}


def _layout(
    task: str,
    root: Path,
    classes: tuple[str, ...],
    num_things: int,
    sizes: list[tuple[int, int]],
    lengths: list[int],
    dataset: dict,
    notes: tuple[str, ...] = (),
) -> Layout:
    """Build the layout; its size is the median over videos."""
    if not lengths:
        raise InputError('lists no videos', root)
    heights, widths = zip(*sizes)
    size = int(median(heights)), int(median(widths))
    if len(set(sizes)) > 1:
        smallest, largest = min(sizes), max(sizes)
        notes += (
            f'Frames differ in size: {smallest[0]} x {smallest[1]} to {largest[0]} x {largest[1]} '
            '(height x width); the config is made for the median.',
        )
    return Layout(task, dataset, root, classes, num_things, size, len(lengths), sum(lengths), min(lengths), notes)


def _folder_of(root: Path, names: list[str], file: Path, other_than: str | None = None) -> str:
    """Folder at most two levels below the root in which a frame lies; '' is the root itself.

    Raises:
        InputError: the frame is in none.
    """
    folders = [
        '',
        *(
            str(entry.relative_to(root))
            for level in ('*', '*/*')
            for entry in sorted(root.glob(level))
            if entry.is_dir()
        ),
    ]
    for folder in folders:
        if folder != other_than and all((root / folder / name).is_file() for name in names):
            return folder
    raise InputError(f'names {names[0]}, which is not there', file, cure=f'put it into {root} or a folder in that')


def _below(path: Path, root: Path) -> str:
    return str(path.relative_to(root))


def _size(path: Path) -> tuple[int, int]:
    """(H, W) of an image; its pixels are not read."""
    with Image.open(path) as image:
        return image.size[::-1]


def _values(path: Path) -> np.ndarray:
    """Values of a map (H, W), at any depth."""
    with Image.open(path) as image:
        return np.asarray(image)
