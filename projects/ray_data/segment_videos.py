"""Segment a folder of videos on all machines of a Ray cluster, or on all cores of one.

    pip install "ray[data]"
    python projects/ray_data/segment_videos.py videos/ --workers 4 --gpus 1 --options --task vps --out /shared/results

What follows ``--options`` is for ``gvseg segment``; results are those of ``gvseg segment videos/``, and finished videos
are skipped in the same way. Videos and results lie on storage that all machines see. A row of Ray Data is a video;
every worker loads the model once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gvseg.cli.folder import EXIT_BAD_INPUT, out_folder, segment_one, unfinished, videos_of
from gvseg.cli.segment_options import parse_arguments as segment_arguments
from gvseg.entry import entry_point
from gvseg.utils.errors import InputError


class Worker:
    """Segments one video after the other with one model.

    Args:
        arguments: options of ``gvseg segment``; its video is the folder.
    """

    def __init__(self, arguments: list[str]) -> None:
        from gvseg.cli.segment import load

        self.arguments = segment_arguments(arguments)
        self.segmenter = load(self.arguments)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row with ``video``, and ``written`` (the mp4) or ``error``, the other one empty."""
        from gvseg.cli.segment import run
        from gvseg.formats.errors import is_input_error

        try:
            written = segment_one(self.arguments, Path(row['video']), out_folder(self.arguments), self.segmenter, run)
        except Exception as error:
            if not is_input_error(error):
                raise
            return dict(video=row['video'], written='', error=str(error))
        return dict(video=row['video'], written=str(written[0]), error='')


def segment_all(folder: Path, options: list[str], workers: int, cpus: float, gpus: float) -> list[dict[str, Any]]:
    """Segment the unfinished videos of a folder.

    Args:
        folder: of videos.
        options: of ``gvseg segment``.
        workers: how many videos are segmented at once, in the whole cluster.
        cpus: cores that Ray reserves for a worker.
        gpus: GPUs likewise.

    Returns:
        The rows of :class:`Worker`.

    Raises:
        InputError: no video in the folder, ray is missing, or options that do not fit.
    """
    try:
        import ray
    except ImportError as error:
        raise InputError('Several machines need the package ray: pip install "ray[data]"') from error
    arguments = [str(folder.resolve()), *options]
    videos = videos_of(arguments[:1])
    if not videos:
        raise InputError(f'{folder} is no folder of videos.')
    waiting = unfinished(videos, out_folder(segment_arguments(arguments)))
    print(f'{len(videos)} videos, {len(videos) - len(waiting)} of them finished before')
    if not waiting:
        return []
    rows = ray.data.from_items([dict(video=str(video)) for video in waiting], override_num_blocks=len(waiting))
    return rows.map(
        Worker, fn_constructor_args=(arguments,), concurrency=workers, num_cpus=cpus, num_gpus=gpus
    ).take_all()


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path, help='of videos')
    parser.add_argument('--workers', type=int, default=1, help='videos at once, in the whole cluster')
    parser.add_argument('--cpus', type=float, default=1, help='cores of a worker')
    parser.add_argument('--gpus', type=float, default=0, help='GPUs of a worker')
    parser.add_argument('--options', nargs=argparse.REMAINDER, default=[], help='all that follows: of gvseg segment')
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> int:
    """Entry point."""
    rows = segment_all(arguments.folder, arguments.options, arguments.workers, arguments.cpus, arguments.gpus)
    for row in rows:
        print(f'error: {row["video"]}: {row["error"]}' if row['error'] else f'written: {row["written"]}')
    return EXIT_BAD_INPUT if any(row['error'] for row in rows) else 0


if __name__ == '__main__':
    sys.exit(main())
