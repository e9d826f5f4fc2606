"""Compare the peak memory of segmenting a long and a short video.

Each video is decoded, segmented, drawn and written as in ``video_demo.py``, in its own process.

    python tools/benchmarks/memory_of_streaming.py --task vps     # shipped model, 50 and 1,000 frames
    python tools/benchmarks/memory_of_streaming.py --config CONFIG --checkpoint FILE --device cuda:0
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from gvseg.cli.model_choice import add_model_choice, chosen_model, parse_model_choice
from gvseg.entry import entry_point
from gvseg.moving_shapes import render_video
from gvseg.moving_shapes.render import Frame
from gvseg.utils.errors import InputError

SEED, FRAMES, SHAPE = 28, 30, (96, 160)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model_choice(parser, random_weights=True)
    parser.add_argument('--frames', type=int, nargs=2, default=[50, 1000], help='lengths of the two videos')
    parser.add_argument('--shape', type=int, nargs=2, default=[96, 160], help='height and width')
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    parser.add_argument('--child', type=Path, help=argparse.SUPPRESS)
    return parse_model_choice(parser, arguments)


def generated() -> list[Frame]:
    """Frames of Moving Shapes, in which the shipped models find several things."""
    return list(render_video((SEED,), FRAMES, SHAPE))


def write_video(path: Path, length: int, size: list[int]) -> None:
    """Write the frames at another size, forwards and backwards up to the length."""
    import cv2

    from gvseg.visualization import VideoFile

    frames = generated()
    with VideoFile(path, 10) as file:
        for index in range(length):
            place = index % (2 * FRAMES)
            image = frames[min(place, 2 * FRAMES - 1 - place)].image
            file.write(cv2.resize(image, size[::-1])[..., ::-1])


def first_box(size: list[int]) -> list[float]:
    """Box of the first thing in the first frame."""
    instances = generated()[0].instances
    rows, columns = np.nonzero(instances == instances[instances > 0].min())
    down, right = size[0] / SHAPE[0], size[1] / SHAPE[1]
    return [columns.min() * right, rows.min() * down, (columns.max() + 1) * right, (rows.max() + 1) * down]


def measure(arguments: argparse.Namespace) -> dict[str, float]:
    """Segment one video in this process; peaks in MiB."""
    import torch

    from gvseg.apis import DrawnVideo, MapFolder, TubeFile, VideoSegmenter, VideoSource
    from gvseg.apis.overlap import BackgroundWriter

    segmenter, source = VideoSegmenter(*chosen_model(arguments), arguments.device), VideoSource(arguments.child)
    if segmenter.takes_objects:
        segmenter.add_object(0, box=first_box(arguments.shape))
    out, names = arguments.child.with_suffix(''), segmenter.class_names
    files = [DrawnVideo(out / 'drawn.mp4', source.fps, names), TubeFile(out / 'a.json', names), MapFolder(out / 'maps')]
    with ExitStack() as stack:
        for file in files:
            stack.enter_context(file)
        writer = stack.enter_context(BackgroundWriter(lambda *pair: [file.add(*pair) for file in files]))
        for pair in segmenter.segment_with_frames(source):
            writer.put(*pair)
    peaks = dict(memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
    if arguments.device.startswith('cuda'):
        peaks['GPU memory'] = torch.cuda.max_memory_allocated(arguments.device) / 2**20
    return peaks


def in_a_process(arguments: argparse.Namespace, given: list[str], video: Path) -> dict[str, float]:
    """:func:`measure` in a fresh process."""
    done = subprocess.run([sys.executable, __file__, *given, '--child', str(video)], text=True, capture_output=True)
    if done.returncode:
        raise InputError(f'measuring failed: {(done.stderr.strip().splitlines() or ["no message"])[-1]}')
    return json.loads(done.stdout.splitlines()[-1])


def compare(arguments: argparse.Namespace, given: list[str]) -> dict[str, float]:
    """Print both peaks of each kind of memory; returns the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        peaks = []
        for frames in arguments.frames:
            video = Path(folder) / f'{frames}.mp4'
            write_video(video, frames, arguments.shape)
            peaks.append(in_a_process(arguments, given, video))
    ratios = {}
    for kind in peaks[0]:
        short, long = (peak[kind] for peak in peaks)
        ratios[kind] = long / short
        print(
            f'{kind}: {short:.0f} MiB for {arguments.frames[0]} frames, {long:.0f} MiB for {arguments.frames[1]}, '
            f'ratio {ratios[kind]:.3f}'
        )
    return ratios


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    if arguments.child:
        print(json.dumps(measure(arguments)))
    else:
        compare(arguments, sys.argv[1:])


if __name__ == '__main__':
    sys.exit(main())
