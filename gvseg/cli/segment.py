"""Decode, segment, draw and write a video: ``gvseg segment`` and ``tools/demo/video_demo.py``."""

from __future__ import annotations

import argparse
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

from gvseg.apis import ObjectPrompt, ResultFile, VideoSegmenter, VideoSource, open_video, real_video_model
from gvseg.apis.batched_videos import BatchedVideo, BatchedVideos
from gvseg.apis.loading import accelerate
from gvseg.apis.overlap import BackgroundWriter
from gvseg.apis.pretrained import Model, find_model, shapes_model
from gvseg.apis.prompted_video import segment_prompted
from gvseg.apis.video_source import WHOLE, Trim
from gvseg.utils.devices import check_device
from gvseg.utils.errors import InputError
from gvseg.utils.progress import ProgressBar

from .folder import segment_folder, videos_of
from .outputs import choose_places, result_files
from .prompts import check_names, command_names, command_prompts

EXIT_CUT = 3
MAX_DIGITS = 9  # of a camera's number


def open_source(names: list[str], fps: float, trim: Trim = WHOLE) -> VideoSource:
    """The video of the command line, or a part of it."""
    if len(names) > 1:
        return open_video(names, fps, trim=trim)
    is_camera = names[0].isdecimal() and len(names[0]) < MAX_DIGITS and not Path(names[0]).exists()
    return open_video(int(names[0]) if is_camera else names[0], fps, trim=trim)


SHAPES = 'the generated shapes of Moving Shapes (--shapes silences this)'
KNOWN_SCENES = dict(vis=SHAPES, vps=SHAPES, vss='street video (CamVid, 11 classes; --shapes: generated shapes)')
"""What the shipped model of a task was trained on where that is narrow, by task."""


def chosen_model(arguments: argparse.Namespace) -> Model:
    """Config and weights; prints a note where what the model was trained on is narrow."""
    if arguments.model:
        return find_model(arguments.model)
    if arguments.config:
        return arguments.config, arguments.checkpoint
    shapes = shapes_model(arguments.task)
    if arguments.shapes:
        return shapes
    real = real_video_model(arguments.task)
    known = KNOWN_SCENES.get(arguments.task)
    if known is not None:
        print(
            f'note: the shipped {arguments.task} model is trained on {known}. For other video take public weights by '
            '--model (--list-models), or a model that you trained (--config and --checkpoint).',
            file=sys.stderr,
        )
    return real or shapes


def load(arguments: argparse.Namespace) -> VideoSegmenter:
    """The model."""
    config, checkpoint = chosen_model(arguments)
    segmenter = VideoSegmenter(
        config,
        checkpoint,
        arguments.device,
        arguments.short_side,
        arguments.clip_length,
        recipe=arguments.task if arguments.config or arguments.model else None,
        select_tracks=bool(arguments.prompts),
    )
    accelerate(segmenter.model, arguments.amp, arguments.compile, arguments.channels_last)
    return segmenter


def batch_videos(
    arguments: argparse.Namespace, segmenter: VideoSegmenter, openers: Sequence[Callable[[], VideoSource]]
) -> Sequence[BatchedVideo | None]:
    """Videos whose clips share batches; ``None`` for each where ``--batch-size`` is 1.

    Args:
        arguments: command line.
        segmenter: the model.
        openers: functions that open the videos.

    Raises:
        InputError: a batch of clips of objects that are shown by prompts.
    """
    size = arguments.batch_size
    if size == 1:
        return [None] * len(openers)
    if segmenter.takes_objects or arguments.prompts:
        raise InputError(f'--batch-size {size}: clips of prompted objects are segmented one by one, leave it out.')
    return BatchedVideos(segmenter, openers, size).videos


def batch_files(
    arguments: argparse.Namespace, segmenter: VideoSegmenter, files: Sequence[Path]
) -> Sequence[BatchedVideo | None]:
    """As :func:`batch_videos`, of video files."""
    openers = [partial(open_source, [str(file)], arguments.fps, arguments.trim) for file in files]
    return batch_videos(arguments, segmenter, openers)


def run(
    arguments: argparse.Namespace, segmenter: VideoSegmenter | None = None, batched: BatchedVideo | None = None
) -> tuple[list[ResultFile], bool]:
    """Decode, segment and write, in three threads.

    Results before an error or an interruption stay on disk.

    Args:
        arguments: command line.
        segmenter: the model; ``None``: load it.
        batched: the video of the command line among others that share batches.

    Returns:
        The files, and whether the video ended early.
    """
    check_device(arguments.device)
    source = batched.source if batched else open_source(arguments.video, arguments.fps, arguments.trim)
    places = choose_places(arguments, source)
    prompts, names = command_prompts(arguments.prompts), command_names(arguments.names)
    check_names(names, prompts)
    segmenter = segmenter or load(arguments)
    if batched is None:
        segmenter.reset()
        (batched,) = batch_videos(arguments, segmenter, [lambda: source])
    if segmenter.takes_objects and not prompts:
        raise InputError('This model needs object prompts: give --points, --boxes or --masks.')
    files = result_files(arguments, places, source, segmenter.class_names)
    with ExitStack() as stack:
        bar = stack.enter_context(closing(ProgressBar(source.path.name[:20], source.length, unit='frames')))
        for file in files:
            stack.enter_context(file)
        writer = stack.enter_context(BackgroundWriter(lambda *pair: [file.add(*pair) for file in files]))
        results = batched.pairs() if batched else segment_video(segmenter, source, prompts, names, arguments.direction)
        for done, (frame, result) in enumerate(stack.enter_context(closing(results)), 1):
            writer.put(frame, result)
            bar.step(done)
    if source.damaged:
        print(f'damaged frames left out: {source.damaged}', file=sys.stderr)
    return files, bool(source.cut)


def segment_video(
    segmenter: VideoSegmenter,
    source: VideoSource,
    prompts: Sequence[ObjectPrompt],
    names: dict[int, str],
    direction: str,
) -> Iterator[tuple[Any, Any]]:
    """Frames and their results.

    Prompts in the first frame alone are followed while frames arrive, and so are all of a camera. Others need the whole
    video, which is read twice.
    """
    if not source.again and direction != 'forward':
        raise InputError(f'--direction {direction} needs a video that has an end, not {source.path}.')
    if source.again and prompts and (direction != 'forward' or any(prompt.frame for prompt in prompts)):
        yield from segment_prompted(segmenter.session(source), prompts, names, direction)
        return
    for prompt in prompts:
        segmenter.add_prompt(prompt)
    with closing(segmenter.segment_with_frames(source)) as pairs:
        for frame, result in pairs:
            result.set_metainfo(dict(object_names=names))
            yield frame, result


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
            return segment_folder(arguments, videos, load, batch_files, run)
        if arguments.shard:
            raise InputError(f'--shard divides a folder of videos, which {arguments.video[0]} is not.')
        files, cut = run(arguments)
    except KeyboardInterrupt as stop:
        print('interrupted: results up to here are written', file=sys.stderr)
        return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)
    print(f'written: {", ".join(str(path) for file in files for path in file.paths)}')
    return EXIT_CUT if cut else 0
