"""Measure the time saved by decoding, segmenting and writing in parallel.

A video is processed twice: in parallel, as in ``video_demo.py``, and step by step. The minimum of ``--repeats`` is
reported.

    python tools/benchmarks/overlap_of_streaming.py --task vps                     # shipped model, generated video
    python tools/benchmarks/overlap_of_streaming.py --config CONFIG --checkpoint FILE --video VIDEO --device cuda:0
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gvseg.cli.model_choice import add_model_choice, chosen_model, parse_model_choice
from gvseg.entry import entry_point
from gvseg.moving_shapes import render_video

if TYPE_CHECKING:
    from gvseg.apis import ResultFile, VideoSegmenter, VideoSource

SEED, SHAPE = 28, (96, 160)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model_choice(parser, random_weights=True)
    parser.add_argument('--video', help='file or folder of frames; a generated one by default')
    parser.add_argument('--frames', type=int, default=60, help='of the generated video')
    parser.add_argument('--shape', type=int, nargs=2, default=[480, 800], help='its height and width')
    parser.add_argument('--repeats', type=int, default=3, help='repetitions of each')
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    return parse_model_choice(parser, arguments)


def write_shapes(path: Path, length: int, size: list[int]) -> None:
    """Write Moving Shapes at another size."""
    import cv2

    from gvseg.visualization import VideoFile

    with VideoFile(path, 10) as file:
        for frame in render_video((SEED,), length, SHAPE):
            file.write(cv2.resize(frame.image, size[::-1])[..., ::-1])


def result_files(folder: Path, segmenter: VideoSegmenter) -> list[ResultFile]:
    """All files that the demo can write."""
    from gvseg.apis import DrawnVideo, MapFolder, TubeFile

    names = segmenter.class_names
    tubes, maps = TubeFile(folder / 'a.json', names), MapFolder(folder / 'maps')
    return [DrawnVideo(folder / 'drawn.mp4', 10.0, names), tubes, maps]


def show_middle(segmenter: VideoSegmenter, source: VideoSource) -> None:
    """Prompt with a box in the middle, for exemplar-guided models."""
    if segmenter.takes_objects:
        with closing(source.frames()) as frames:
            height, width = next(frames).image.shape[:2]
        segmenter.add_object(0, box=(0.3 * width, 0.3 * height, 0.7 * width, 0.7 * height))


def at_once(segmenter: VideoSegmenter, source: VideoSource, folder: Path) -> float:
    """Seconds with the three steps in three threads."""
    from gvseg.apis.overlap import BackgroundWriter

    show_middle(segmenter, source)
    start = time.perf_counter()
    files = result_files(folder, segmenter)
    with ExitStack() as stack:
        for file in files:
            stack.enter_context(file)
        writer = stack.enter_context(BackgroundWriter(lambda *pair: [file.add(*pair) for file in files]))
        for pair in segmenter.segment_with_frames(source):
            writer.put(*pair)
    return time.perf_counter() - start


def one_after_the_other(segmenter: VideoSegmenter, source: VideoSource, folder: Path) -> dict[str, float]:
    """Seconds of each step in sequence."""
    show_middle(segmenter, source)
    seconds = dict(decoding=0.0, segmenting=0.0, writing=0.0)
    waiting: list = []

    def decoded() -> Iterator[np.ndarray]:
        for frame in timed(source.frames(), seconds, 'decoding'):
            waiting.append(frame)
            yield frame.image

    with ExitStack() as stack:
        files = [stack.enter_context(file) for file in result_files(folder, segmenter)]
        for result in timed(segmenter.stream(decoded()), seconds, 'segmenting'):
            frame, start = waiting.pop(0), time.perf_counter()
            for file in files:
                file.add(frame, result)
            seconds['writing'] += time.perf_counter() - start
        start = time.perf_counter()
    seconds['writing'] += time.perf_counter() - start  # files are closed
    seconds['segmenting'] -= seconds['decoding']  # included in segmenting
    return seconds


def timed(items: Iterator, seconds: dict[str, float], name: str) -> Iterator:
    """Yield the items and add the waiting time."""
    while True:
        start = time.perf_counter()
        item = next(items, None)
        seconds[name] += time.perf_counter() - start
        if item is None:
            return
        yield item


def compare(arguments: argparse.Namespace) -> float:
    """Print both times; returns the ratio."""
    import torch

    from gvseg.apis import VideoSegmenter, VideoSource

    segmenter = VideoSegmenter(*chosen_model(arguments), arguments.device)
    alone, together = [], []
    with tempfile.TemporaryDirectory() as name:
        video = arguments.video or Path(name) / 'shapes.mp4'
        if not arguments.video:
            write_shapes(video, arguments.frames, arguments.shape)
        for _ in range(arguments.repeats):
            alone.append(one_after_the_other(segmenter, VideoSource(video), Path(name) / 'results'))
            together.append(at_once(segmenter, VideoSource(video), Path(name) / 'results'))
    least = min(alone, key=lambda seconds: sum(seconds.values()))
    total, best = sum(least.values()), min(together)
    parts = ' + '.join(f'{step} {seconds:.2f} s' for step, seconds in least.items())
    print(
        f'{parts} = {total:.2f} s one after the other; {best:.2f} s at once: {100 * best / total:.0f} %, where the '
        f'longest step alone is {100 * max(least.values()) / total:.0f} % ({torch.get_num_threads()} threads)'
    )
    return best / total


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    compare(arguments)


if __name__ == '__main__':
    sys.exit(main())
