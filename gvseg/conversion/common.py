"""Shared by all converters: counts, links, parallel jobs with progress, atomic files, checks of names."""

import os
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gvseg.formats.errors import InputError
from gvseg.formats.files import PathLike, check_name, list_files, safe_join
from gvseg.formats.images import read_header
from gvseg.utils.progress import ProgressBar

HELD_OUT_SHARE = 10  # one video in ten


@dataclass(frozen=True)
class Job:
    """Arguments of a converter.

    Attributes:
        source: folder of the download.
        out: folder to write; may be the source.
        jobs: processes.
        allow_partial: continue where videos are missing or counts differ from the published ones.
        link: how files are put into ``out``: 'hard' (a copy where the file system refuses), 'copy' or 'symlink'.
        verify: decode every image and map once, and check the values of maps.
    """

    source: Path
    out: Path
    jobs: int = 1
    allow_partial: bool = False
    link: str = 'hard'
    verify: bool = False


def log(message: str) -> None:
    """Print a line to stderr."""
    print(message, file=sys.stderr)


def warn_or_raise(message: str, job: Job) -> None:
    """Raise, or warn where the job allows partial data.

    Raises:
        InputError: the job does not allow partial data.
    """
    if not job.allow_partial:
        raise InputError(f'{message} Fetch the rest, or go on with what is there by --allow-partial.')
    log(f'warning: {message}')


def check_counts(name: str, found: dict[str, int], published: dict[str, int], job: Job) -> None:
    """Compare numbers of videos with the published ones, before anything is written.

    Args:
        name: of the dataset.
        found: split -> number; splits without a published number are not checked.
        published: split -> number.
        job: decides whether a difference is an error.
    """
    wrong = [
        f'{split} has {found.get(split, 0):,} of {number:,}'
        for split, number in published.items()
        if found.get(split, 0) != number
    ]
    if wrong:
        warn_or_raise(f'{name} in {job.source} does not have its published number of videos: {"; ".join(wrong)}.', job)


def first_existing(root: Path, names: Sequence[str], what: str, required: bool = True) -> Path | None:
    """The first existing one of several paths that something may have in a download.

    Raises:
        InputError: none of them exists.
    """
    for name in names:
        if (root / name).exists():
            return root / name
    if required:
        raise InputError(f'{root} has no {what}: looked for {", ".join(names)}.')
    return None


def is_held_out(name: str) -> bool:
    """Whether a training video is held out (a tenth), for evaluation where validation truth is hidden.

    A function of the name alone (CRC-32 of its UTF-8 form, divisible by 10), independent of version and order of
    the annotations.
    """
    return zlib.crc32(name.encode()) % HELD_OUT_SHARE == 0


def place(source: Path, target: Path, job: Job) -> None:
    """Link or copy a file; an existing file of the same size is kept.

    Raises:
        InputError: the source does not exist, ``job.verify`` finds it broken, or the target is outside ``job.out``.
    """
    if not Path(os.path.normpath(target)).is_relative_to(os.path.normpath(job.out)):
        raise InputError(f'{target} is outside of {job.out}: a name in the download leads out of its folder.')
    try:
        size = source.stat().st_size
    except OSError as error:
        raise InputError(f'{source} does not exist, but the annotations name it. Fetch it again.') from error
    if job.verify:
        verify(source)
    try:
        if target.stat().st_size == size:
            return
    except OSError:
        target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f'{target.name}.part')
    part.unlink(missing_ok=True)
    try:
        if job.link == 'symlink':
            part.symlink_to(source.resolve())
        elif job.link == 'copy' or not _hard_link(source, part):
            shutil.copyfile(source, part)
        os.replace(part, target)
    except BaseException:  # a full disk, an interruption
        part.unlink(missing_ok=True)
        raise


def _hard_link(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
        return True
    except OSError:  # another file system, or one without hard links
        return False


def verify(path: Path) -> None:
    """Decode an image or map.

    Raises:
        InputError: it is broken.
    """
    try:
        with Image.open(path) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f'{path} is not a readable image: {error}. Fetch it again.') from error


def run_jobs(task: Callable[[Any], Any], items: Sequence[Any], jobs: int, what: str = 'videos') -> list[Any]:
    """``task`` of every item, in order, in several processes, with a progress line.

    Raises:
        Exception: the first error of a task; what other tasks finished stays on disk and is not done again.
    """
    results: list[Any] = []
    if not items:
        return results
    progress = ProgressBar(what, len(items))
    for result in _outcomes(task, items, jobs):
        results.append(result)
        progress.step(len(results))
    return results


def _outcomes(task: Callable[[Any], Any], items: Sequence[Any], jobs: int) -> Iterator[Any]:
    if jobs <= 1:
        yield from map(task, items)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context('fork')) as pool:
        try:
            yield from pool.map(task, items, chunksize=4)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


Files = list[tuple[Path, Path]]


def link_or_copy_files(item: tuple[Files, Job]) -> int:
    """Link or copy the (source, target) files of one video; returns their number."""
    files, job = item
    for source, target in files:
        place(source, target, job)
    return len(files)


@dataclass(frozen=True)
class AnnotatedVideo:
    """Files of one video to link or copy after its maps are checked.

    Attributes:
        frames, masks: (source, target) of frames and of maps; the maps' stems are those of frames.
        job: what to do; ``verify`` asks for the check.
        read: reads a map (H, W) and raises on invalid values.
    """

    frames: Files
    masks: Files
    job: Job
    read: Callable[[Path], np.ndarray]


def place_video(video: AnnotatedVideo) -> int:
    """Link or copy the files of a video; returns their number.

    Raises:
        InputError: with ``job.verify`` a map that cannot be read, has an invalid value, or is not of its frame's size.
    """
    if video.job.verify:
        frames = {source.stem: source for source, _ in video.frames}
        for source, _ in video.masks:
            check_map(frames[source.stem], source, video.read)
    return link_or_copy_files((video.frames + video.masks, video.job))


def check_map(frame: Path, path: Path, read: Callable[[Path], np.ndarray]) -> None:
    """Read a map and compare its size with its frame's; arguments as of :class:`AnnotatedVideo`."""
    header, size = read_header(frame), read(path).shape[:2]
    if size != header.size:
        raise InputError(f'{path} is {size[0]}x{size[1]} but its frame {frame} is {header.height}x{header.width}.')


def folder_files(source: Path, target: Path, suffixes: tuple[str, ...]) -> Files:
    """(source, target) of every file of a folder with one of the suffixes, in natural order.

    Raises:
        InputError: no such folder, or nothing in it.
    """
    return [(source / name, target / name) for name in list_files(source, suffixes)]


def named_files(source: Path, target: Path, names: Sequence[str], path: PathLike) -> Files:
    """(source, target) of the files that an annotation file names.

    Args:
        source, target: folders.
        names: as in the annotation file.
        path: the annotation file, for messages.

    Raises:
        InputError: a name that leads out of the folders.
    """
    return [(safe_join(source, name, path), safe_join(target, name, path)) for name in names]


def check_pairs(frames: Files, masks: Files) -> None:
    """Check that every frame has a mask of the same name and vice versa.

    Raises:
        InputError: names the folder and the first file it lacks.
    """
    for files, others, what in ((frames, masks, 'mask for frame'), (masks, frames, 'frame for mask')):
        known = {source.stem for source, _ in others}
        alone = [source.stem for source, _ in files if source.stem not in known]
        if alone:
            raise InputError(f'{others[0][0].parent} has no {what} {alone[0]} ({len(alone)} are missing).')


def check_video_names(names: Sequence[str], path: PathLike) -> None:
    """Check that names of videos stay below their folder; '' is the folder itself.

    Raises:
        InputError: a name that leads out of the folder.
    """
    for name in names:
        if name:
            check_name(name, path, 'the folder of a video')


def present_videos(names: Sequence[str], folder: Path, job: Job) -> list[str]:
    """The videos whose folder exists; others are an error, or skipped where partial data is allowed.

    Raises:
        InputError: a name that leads out of the folder.
    """
    check_video_names(names, folder)
    missing = [name for name in names if not (folder / name).is_dir()]
    if missing:
        warn_or_raise(
            f'{folder} lacks {len(missing)} of {len(names)} videos that the annotations name: '
            f'{", ".join(missing[:5])}{", ..." if len(missing) > 5 else ""}.',
            job,
        )
    gone = set(missing)
    return [name for name in names if name not in gone]
