"""Decode, segment, draw and write a video: ``gvseg segment`` and ``tools/demo/video_demo.py``."""

from __future__ import annotations

import argparse
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from gvseg.apis import ResultFile, VideoSegmenter, VideoSource, open_video, real_video_model, shipped_model
from gvseg.apis.loading import accelerate
from gvseg.apis.overlap import BackgroundWriter
from gvseg.apis.pretrained import Model, find_model
from gvseg.apis.video_source import WHOLE, Trim
from gvseg.formats.object_maps import read_objects
from gvseg.utils.devices import check_device
from gvseg.utils.errors import InputError
from gvseg.utils.progress import ProgressBar

from .folder import segment_folder, videos_of
from .outputs import choose_places, result_files

EXIT_CUT = 3
MAX_DIGITS = 9  # of a camera's number


def numbers(text: str, count: int, option: str, form: str) -> tuple[int, list[float]]:
    """Read ``FRAME:A,B,...``.

    Raises:
        InputError: not of that form; names the option.
    """
    frame, _, rest = text.partition(':')
    try:
        values = [float(value) for value in rest.split(',')]
        if len(values) != count:
            raise ValueError
        return int(frame), values
    except ValueError:
        raise InputError(
            f'{option} {text}: write {form}, for example {option} '
            f'0:{",".join(str(20 * i) for i in range(1, count + 1))}.'
        ) from None


def mask_objects(text: str) -> Iterator[tuple[int, np.ndarray]]:
    """Frame and mask of every object in a PNG given as ``FRAME:FILE``.

    A black-and-white mask, also one with soft edges, is one object; otherwise 255 is void.
    """
    frame, _, path = text.partition(':')
    if not frame.isdecimal() or not path:
        raise InputError(f'--masks {text}: write FRAME:FILE, for example --masks 0:first.png.')
    for mask in read_objects(path).values():
        yield int(frame), mask


def show_objects(segmenter: VideoSegmenter, arguments: argparse.Namespace) -> None:
    """Add the prompts of the command line, in this order: points, boxes, masks."""
    for text in arguments.points:
        frame, values = numbers(text, 2, '--points', 'FRAME:X,Y')
        segmenter.add_object(frame, point=values, source=f'--points {text}')
    for text in arguments.boxes:
        frame, values = numbers(text, 4, '--boxes', 'FRAME:X1,Y1,X2,Y2')
        segmenter.add_object(frame, box=values, source=f'--boxes {text}')
    for text in arguments.masks:
        for frame, mask in mask_objects(text):
            segmenter.add_object(frame, mask=mask, source=f'--masks {text}')
    if segmenter.takes_objects and not segmenter.shown:
        raise InputError('This model needs object prompts: give --points, --boxes or --masks.')


def open_source(names: list[str], fps: float, trim: Trim = WHOLE) -> VideoSource:
    """The video of the command line, or a part of it."""
    if len(names) > 1:
        return open_video(names, fps, trim=trim)
    is_camera = names[0].isdecimal() and len(names[0]) < MAX_DIGITS and not Path(names[0]).exists()
    return open_video(int(names[0]) if is_camera else names[0], fps, trim=trim)


def chosen_model(arguments: argparse.Namespace) -> Model:
    """Config and weights; prints a note where the model was trained on generated shapes."""
    if arguments.model:
        return find_model(arguments.model)
    if arguments.config:
        return arguments.config, arguments.checkpoint
    shapes = shipped_model(arguments.task)
    if arguments.shapes:
        return shapes
    real = real_video_model(arguments.task)
    if real is None:
        print(
            f'note: the shipped {arguments.task} model is trained on the generated shapes of Moving Shapes. For other '
            'video take public weights by --model (--list-models), or a model that you trained (--config and '
            '--checkpoint). --shapes silences this.',
            file=sys.stderr,
        )
    return real or shapes


def load(arguments: argparse.Namespace) -> VideoSegmenter:
    """The model."""
    config, checkpoint = chosen_model(arguments)
    segmenter = VideoSegmenter(config, checkpoint, arguments.device, arguments.short_side, arguments.clip_length)
    accelerate(segmenter.model, arguments.amp, arguments.compile)
    return segmenter


def run(arguments: argparse.Namespace, segmenter: VideoSegmenter | None = None) -> tuple[list[ResultFile], bool]:
    """Decode, segment and write, in three threads.

    Results before an error or an interruption stay on disk.

    Args:
        arguments: command line.
        segmenter: the model; ``None``: load it.

    Returns:
        The files, and whether the video ended early.
    """
    check_device(arguments.device)
    source = open_source(arguments.video, arguments.fps, arguments.trim)
    places = choose_places(arguments, source)
    segmenter = segmenter or load(arguments)
    segmenter.reset()
    show_objects(segmenter, arguments)
    files = result_files(arguments, places, source, segmenter.class_names)
    with ExitStack() as stack:
        bar = stack.enter_context(closing(ProgressBar(source.path.name[:20], source.length, unit='frames')))
        for file in files:
            stack.enter_context(file)
        writer = stack.enter_context(BackgroundWriter(lambda *pair: [file.add(*pair) for file in files]))
        results = stack.enter_context(closing(segmenter.segment_with_frames(source)))
        for done, (frame, result) in enumerate(results, 1):
            writer.put(frame, result)
            bar.step(done)
    if source.damaged:
        print(f'damaged frames left out: {source.damaged}', file=sys.stderr)
    return files, bool(source.cut)


class Terminated(KeyboardInterrupt):
    """SIGTERM, handled as Ctrl-C."""


def _terminate(number: int, frame: object) -> None:
    raise Terminated


def _one_line(message: Warning | str, *where: object) -> str:
    """Format a warning as one line."""
    return f'warning: {message}\n'


def segment(arguments: argparse.Namespace) -> int:
    """Run the command; returns the exit status."""
    signal.signal(signal.SIGTERM, _terminate)
    warnings.formatwarning = _one_line
    try:
        videos = videos_of(arguments.video)
        if videos:
            return segment_folder(arguments, videos, load, run)
        if arguments.shard:
            raise InputError(f'--shard divides a folder of videos, which {arguments.video[0]} is not.')
        files, cut = run(arguments)
    except KeyboardInterrupt as stop:
        print('interrupted: results up to here are written', file=sys.stderr)
        return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)
    print(f'written: {", ".join(str(path) for file in files for path in file.paths)}')
    return EXIT_CUT if cut else 0
