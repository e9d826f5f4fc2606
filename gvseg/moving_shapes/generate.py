"""Generate a split of Moving Shapes on disk, in all four formats."""

import json
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import cv2

from gvseg.formats.files import safe_join, write_bytes
from gvseg.formats.json_files import write_json
from gvseg.formats.locks import folder_lock

from .render import render_video
from .writers import VIPSegWriter, VSPWWriter, YouTubeVISWriter, YouTubeVOSWriter

FORMAT_VERSION = 2  # raise when the same seed would give other files
MANIFEST = 'moving_shapes.json'


@dataclass(frozen=True)
class SplitSettings:
    """Settings that determine the content of a split.

    Attributes:
        split: Name of the folder; part of the random seed as well, so equal
            seeds of two splits share no video.
        videos: Number of videos. The first k of n videos do not depend on n.
        frames: Frames of each video.
        seed: Random seed.
        size: (H, W).
        occluders: Bars that pass in front of each video and hide its things
            for a while.
    """

    split: str = 'train'
    videos: int = 100
    frames: int = 30
    seed: int = 0
    size: tuple[int, int] = (96, 160)
    occluders: int = 0

    def manifest(self) -> dict:
        """JSON form, to compare with that of a split on disk."""
        settings = asdict(self)
        settings.update(size=list(self.size), version=FORMAT_VERSION)
        if not self.occluders:  # keeps splits of older versions valid
            del settings['occluders']
        return settings


def _writers(root: Path, split: str) -> dict[str, object]:
    return dict(
        ytvis=YouTubeVISWriter(root / 'ytvis'),
        vspw=VSPWWriter(root / 'vspw', split),
        vipseg=VIPSegWriter(root / 'vipseg'),
        ytvos=YouTubeVOSWriter(root / 'ytvos'),
    )


def video_name(settings: SplitSettings, index: int) -> str:
    """Name of a video, the same in every format."""
    return f'{settings.split}_{settings.seed}_{index:05d}'


def write_video(root: Path, settings: SplitSettings, index: int) -> dict:
    """Render one video and write its files in all formats.

    Args:
        root: The split's folder.
        settings: The split.
        index: Number of the video.

    Returns:
        dict: For each format what its index file needs of this video.
    """
    cv2.setNumThreads(1)  # processes are the parallelism here
    entropy = (settings.seed, zlib.crc32(settings.split.encode()), index)
    frames = list(render_video(entropy, settings.frames, settings.size, settings.occluders))
    name = video_name(settings, index)
    folder = root / 'ytvis' / 'JPEGImages' / name
    folder.mkdir(parents=True, exist_ok=True)
    images = [folder / f'{time:05d}.jpg' for time in range(len(frames))]
    for frame, path in zip(frames, images):
        quality = [cv2.IMWRITE_JPEG_QUALITY, 93]
        code = cv2.imencode('.jpg', frame.image, quality)[1]
        write_bytes(path, code.tobytes())  # a new file: never through a hard link
    return {key: writer.add_video(name, frames, images) for key, writer in _writers(root, settings.split).items()}


def generate_split(
    out: Path, settings: SplitSettings, jobs: int = 1, report: Callable[[int], None] | None = None
) -> bool:
    """Generate ``out/<split>`` where it is missing or different. Files are written atomically.

    Args:
        out: Folder of all splits.
        settings: The split.
        jobs: Processes.
        report: Called with the number of videos done after each one.

    Returns:
        bool: False when the split was there already, complete and equal.

    Raises:
        OSError: Disk full or folder not writable; names the folder.
        InputError: The split is no name of a folder.
    """
    root = safe_join(out, settings.split)
    if is_complete(root, settings):
        return False
    try:
        with folder_lock(root, wait=True):  # two trainings that begin together
            return _generate(root, settings, jobs, report)
    except OSError as error:
        raise OSError(
            error.errno, f'Cannot write Moving Shapes to {root}: {error}. Free some space or choose another folder.'
        ) from error


def _generate(root: Path, settings: SplitSettings, jobs: int, report: Callable[[int], None] | None) -> bool:
    """Write the split, unless another process just did."""
    if is_complete(root, settings):
        return False
    task = partial(write_video, root, settings)
    parts: list[dict] = []
    (root / MANIFEST).unlink(missing_ok=True)
    for part in _run(task, settings.videos, jobs):
        parts.append(part)
        if report is not None:
            report(len(parts))
    names = [video_name(settings, i) for i in range(settings.videos)]
    for key, writer in _writers(root, settings.split).items():
        writer.finish(names, [part[key] for part in parts])
    write_json(root / MANIFEST, settings.manifest())
    return True


def _run(task: Callable[[int], dict], count: int, jobs: int):
    """Results of ``task(0..count-1)`` in order."""
    if jobs <= 1:
        yield from map(task, range(count))
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(task, range(count))


def is_complete(root: Path, settings: SplitSettings) -> bool:
    """Whether a folder holds exactly this split."""
    try:
        with open(root / MANIFEST, encoding='utf-8') as file:
            return json.load(file) == settings.manifest()
    except (OSError, json.JSONDecodeError):
        return False
