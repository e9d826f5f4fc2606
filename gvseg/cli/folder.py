"""Segment a folder of videos with one model; finished videos are skipped, shards divide the folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

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


def segment_folder(arguments: argparse.Namespace, videos: list[Path], load: Callable, run: Callable) -> int:
    """Segment the videos of this shard; a video that cannot be used is reported and skipped.

    ``--out`` is a folder here. A video, also a truncated one, is finished when ``NAME.done`` exists beside its results.

    Args:
        arguments: command line.
        videos: of the folder.
        load: builds the segmenter from the options.
        run: segments the video of the options with a segmenter; its first result is the list of result files.

    Returns:
        Exit status: 0, or 2 where a video could not be used.
    """
    out = arguments.out or Path('work_dirs/demo') / Path(arguments.video[0]).resolve().name
    index, count = arguments.shard or (1, 1)
    mine = videos[index - 1 :: count]
    waiting = [video for video in mine if not _mark(out, video).is_file()]
    print(f'{len(mine)} of {len(videos)} videos, {len(mine) - len(waiting)} of them finished before')
    segmenter, status = None, 0
    for video in waiting:
        try:
            segmenter = segmenter or load(arguments)
            files, _ = run(_of_video(arguments, video, out), segmenter)
        except Exception as error:
            if not is_input_error(error):
                raise
            print(f'error: {video}: {error}', file=sys.stderr)
            status = EXIT_BAD_INPUT
            continue
        write_text(_mark(out, video), '\n'.join(str(path) for file in files for path in file.paths) + '\n')
        print(f'written: {files[0].paths[0]}')
    return status


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
