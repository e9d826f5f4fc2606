"""Segment a folder of videos with one model; finished videos are skipped, shards divide the folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from gvseg.formats.errors import is_input_error
from gvseg.formats.files import list_files, write_text
from gvseg.utils.errors import InputError

SUFFIXES = ('.mp4', '.m4v', '.mov', '.mkv', '.avi', '.webm')
EXIT_BAD_INPUT = 2


def videos_of(names: list[str]) -> list[Path]:
    """Video files of a folder in natural order; empty where the arguments are not one folder of videos."""
    if len(names) != 1 or not Path(names[0]).is_dir():
        return []
    folder = Path(names[0])
    if not any(entry.suffix.lower() in SUFFIXES for entry in folder.iterdir()):
        return []
    return [folder / name for name in list_files(folder, SUFFIXES)]


def out_folder(arguments: argparse.Namespace) -> Path:
    """Where the results of a folder of videos go."""
    return arguments.out or Path('work_dirs/demo') / Path(arguments.video[0]).resolve().name


def unfinished(videos: list[Path], out: Path) -> list[Path]:
    """Videos without a file ``NAME.done`` beside their results."""
    return [video for video in videos if not _mark(out, video).is_file()]


def segment_folder(
    arguments: argparse.Namespace, videos: list[Path], load: Callable, batch: Callable, run: Callable
) -> int:
    """Segment the videos of this shard; a video that cannot be used is reported and skipped.

    ``--out`` is a folder here. A video, also a truncated one, is finished when ``NAME.done`` exists beside its results.

    Args:
        arguments: command line.
        videos: of the folder.
        load: builds the segmenter from the options.
        batch: gives for each of several video files what ``run`` needs for ``--batch-size``, or ``None``.
        run: segments the video of the options with a segmenter; its first result is the list of result files.

    Returns:
        Exit status: 0, or 2 where a video could not be used.
    """
    out, (index, count) = out_folder(arguments), arguments.shard or (1, 1)
    mine = videos[index - 1 :: count]
    waiting = unfinished(mine, out)
    print(f'{len(mine)} of {len(videos)} videos, {len(mine) - len(waiting)} of them finished before')
    if not waiting:
        return 0
    segmenter, status = load(arguments), 0
    for video, batched in zip(waiting, batch(arguments, segmenter, waiting)):
        try:
            with nullcontext() if batched is None else closing(batched):
                written = segment_one(arguments, video, out, segmenter, partial(run, batched=batched))
        except Exception as error:
            if not is_input_error(error):
                raise
            print(f'error: {video}: {error}', file=sys.stderr)
            status = EXIT_BAD_INPUT
            continue
        print(f'written: {written[0]}')
    return status


def segment_one(arguments: argparse.Namespace, video: Path, out: Path, segmenter: Any, run: Callable) -> list[Path]:
    """Segment one video of a folder and mark it as finished.

    Args:
        arguments: command line of the folder.
        video: the video.
        out: folder of the results.
        segmenter: the model.
        run: as in :func:`segment_folder`.

    Returns:
        Files written.

    Raises:
        InputError: the video cannot be used, or an output option names one place for all videos.
    """
    files, _ = run(_of_video(arguments, video, out), segmenter)
    written = [path for file in files for path in file.paths]
    write_text(_mark(out, video), ''.join(f'{path}\n' for path in written))
    return written


def _mark(out: Path, video: Path) -> Path:
    return out / f'{video.name}.done'


def _of_video(arguments: argparse.Namespace, video: Path, out: Path) -> argparse.Namespace:
    """The command line of one video.

    Raises:
        InputError: an output option has a value, which all videos would share.
    """
    for option in ('save_json', 'save_png'):
        if isinstance(getattr(arguments, option), Path):
            name = option.replace('_', '-')
            raise InputError(f'--{name} names one place for all videos: give --{name} without a value.')
    return argparse.Namespace(**{**vars(arguments), 'video': [str(video)], 'out': out / f'{video.stem}.mp4'})
