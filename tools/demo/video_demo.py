"""Segment a video file, a folder of frames, pictures or a camera; writes an mp4 and a contact sheet.

Examples:
    python tools/demo/video_demo.py shapes.mp4 --task vps                # the shipped model knows generated shapes
    python tools/demo/video_demo.py dog.mp4 --task evs --points 0:120,80 30:40,60 --save-json --save-png
    python tools/demo/video_demo.py frames/ --task evs --masks 0:first_frame.png --boxes 12:10,20,90,80
    python tools/demo/video_demo.py street.mp4 --config CONFIG --checkpoint CHECKPOINT --device cuda:0
    python tools/demo/video_demo.py 0 --task vis --clip-length 1         # camera 0, until Ctrl-C

Stopped by Ctrl-C or SIGTERM it finishes its files with what has been segmented. Exit status: 0; 2 for input that cannot
be used; 3 where the video file was cut off, all frames before being written; 130 or 143 where it was stopped.
"""

import argparse
import signal
import sys
import warnings
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple
from collections.abc import Iterator

import gvseg.quiet_imports  # noqa: F401  (first: mmdet without the noise)
import numpy as np
from gvseg.apis import (
    DrawnVideo,
    MapFolder,
    ResultFile,
    TubeFile,
    VideoSegmenter,
    VideoSource,
    real_video_model,
    shipped_model,
)
from gvseg.apis.overlap import BackgroundWriter
from gvseg.formats.object_maps import read_objects
from gvseg.utils.arguments import positive_number, whole_number
from gvseg.utils.command_line import readable_errors
from gvseg.utils.devices import check_device
from gvseg.utils.errors import InputError
from gvseg.utils.progress import ProgressBar
from gvseg.utils.work_dir import prepare_output_file, prepare_output_folder

VIDEO_SUFFIXES = ('.mp4', '.m4v', '.mov')
EXIT_CUT = 3
MAX_DIGITS = 9  # of a camera's number


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'video', nargs='+', help='video file, folder of frames sorted by name, number of a camera, or several pictures'
    )
    parser.add_argument('--task', help='use the shipped model of this task: vis, vss, vps or evs')
    parser.add_argument(
        '--shapes',
        action='store_true',
        help='with --task: the model of generated shapes, also for evs, whose default is one for real video',
    )
    parser.add_argument('--config', help='config file, instead of --task')
    parser.add_argument('--checkpoint', help='its weights')
    add_prompts(parser)
    add_outputs(parser)
    parser.add_argument('--fps', type=positive_number, default=24.0, help='frame rate, where the video does not tell')
    parser.add_argument('--min-score', type=float, default=0.3, help='instances below are not drawn')
    parser.add_argument('--columns', type=whole_number(0), default=6, help='frames in the contact sheet; 0: no sheet')
    parser.add_argument(
        '--short-side',
        type=whole_number(1),
        metavar='PIXELS',
        help='shrink frames to this for the network: faster, and nearer to what a model was trained on',
    )
    parser.add_argument(
        '--clip-length',
        type=whole_number(1),
        metavar='FRAMES',
        help='frames that are segmented together; 1 shows each at once',
    )
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    parsed = parser.parse_args(arguments)
    if bool(parsed.task) == bool(parsed.config) or bool(parsed.config) != bool(parsed.checkpoint):
        parser.error('give either --task, or both --config and --checkpoint')
    return parsed


def add_prompts(parser: argparse.ArgumentParser) -> None:
    """Options that show objects."""
    parser.add_argument('--points', nargs='+', default=[], metavar='FRAME:X,Y', help='objects shown by a point')
    parser.add_argument('--boxes', nargs='+', default=[], metavar='FRAME:X1,Y1,X2,Y2', help='objects shown by a box')
    parser.add_argument(
        '--masks',
        nargs='+',
        default=[],
        metavar='FRAME:PNG',
        help='objects shown by a mask: each value of the PNG is an object, 0 is background, 255 void; '
        'a black-and-white mask, also one with soft edges, is one object',
    )


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Options that name files to write."""
    parser.add_argument('--out', type=Path, help='mp4 to write, default work_dirs/demo/<video>.mp4')
    parser.add_argument(
        '--save-json',
        nargs='?',
        type=Path,
        const=True,
        metavar='FILE',
        help='also write tubes as YouTube-VIS results, default beside the mp4',
    )
    parser.add_argument(
        '--save-png',
        nargs='?',
        type=Path,
        const=True,
        metavar='FOLDER',
        help='also write a map of every frame, default a folder beside the mp4',
    )


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
    """Show the model the objects given on the command line, in that order: points, boxes, masks."""
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
        raise InputError('This model follows objects that it is shown: give --points, --boxes or --masks.')


def open_source(names: list[str], fps: float) -> VideoSource:
    """The video of the command line."""
    if len(names) == 1:
        is_camera = names[0].isdecimal() and len(names[0]) < MAX_DIGITS and not Path(names[0]).exists()
        return VideoSource(int(names[0]) if is_camera else names[0], fps)
    return VideoSource(names, fps)


class Places(NamedTuple):
    """Where results go: the mp4, the file of tubes and the folder of maps, where wanted."""

    video: Path
    tubes: Path | None
    maps: Path | None


def choose_places(arguments: argparse.Namespace, source: VideoSource) -> Places:
    """Names of the results, tried out before anything slow is done.

    Raises:
        InputError: a name that no mp4 has, or the video itself.
        WorkDirError: a folder where a file is wanted, or one that cannot be written.
    """
    out = arguments.out or Path('work_dirs/demo') / f'{source.path.stem}.mp4'
    table, maps = arguments.save_json, arguments.save_png
    places = Places(
        out, out.with_suffix('.json') if table is True else table, out.with_suffix('') if maps is True else maps
    )
    if out.suffix.lower() not in VIDEO_SUFFIXES and not out.is_dir():
        raise InputError(f'--out {out}: an mp4 is written, so give a name that ends in .mp4.')
    if places.tubes == out:
        raise InputError(f'--save-json {out} is the file of --out: give another name.')
    if out.exists() and source.path.is_file() and out.samefile(source.path):
        raise InputError(f'--out {out} is the video itself, which would be overwritten: give another name.')
    prepare_output_file(out, '--out')
    if places.tubes:
        prepare_output_file(places.tubes, '--save-json')
    if places.maps:
        prepare_output_folder(places.maps, '--save-png')
    return places


def result_files(
    arguments: argparse.Namespace, places: Places, source: VideoSource, names: tuple[str, ...]
) -> list[ResultFile]:
    """What is to be written."""
    files: list[ResultFile] = [
        DrawnVideo(places.video, source.fps, names, arguments.min_score, arguments.columns, source)
    ]
    files += [TubeFile(places.tubes, names)] if places.tubes else []
    files += [MapFolder(places.maps, arguments.min_score)] if places.maps else []
    return files


def chosen_model(arguments: argparse.Namespace) -> tuple[Path, Path]:
    """Config and weights; says so where they were not made for a real video."""
    if arguments.config:
        return arguments.config, arguments.checkpoint
    shapes = shipped_model(arguments.task)
    if arguments.shapes:
        return shapes
    real = real_video_model(arguments.task)
    if real is None:
        print(
            f'note: the shipped {arguments.task} model knows the generated shapes of Moving Shapes only. For other '
            'video give --config and --checkpoint, of a model you trained or of public weights '
            '(docs/pretrained_weights.md). --shapes silences this.',
            file=sys.stderr,
        )
    return real or shapes


def load(arguments: argparse.Namespace) -> VideoSegmenter:
    """The model, with the objects shown."""
    config, checkpoint = chosen_model(arguments)
    segmenter = VideoSegmenter(config, checkpoint, arguments.device, arguments.short_side, arguments.clip_length)
    show_objects(segmenter, arguments)
    return segmenter


def run(arguments: argparse.Namespace) -> tuple[list[ResultFile], bool]:
    """Decode, segment, and draw and write, all three at the same time.

    What was done before an error or an interruption stays on disk.

    Returns:
        The files, and whether the video ended early.
    """
    check_device(arguments.device)
    source = open_source(arguments.video, arguments.fps)
    places = choose_places(arguments, source)
    segmenter = load(arguments)
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
    """SIGTERM, to be cleaned up after as Ctrl-C is."""


def _terminate(number: int, frame: object) -> None:
    raise Terminated


def _one_line(message: Warning | str, *where: object) -> str:
    """A warning as its text alone."""
    return f'warning: {message}\n'


def main() -> None:
    """Entry point."""
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, _terminate)
    warnings.formatwarning = _one_line
    with readable_errors():
        try:
            files, cut = run(arguments)
        except KeyboardInterrupt as stop:
            print('interrupted: results up to here are written', file=sys.stderr)
            sys.exit(128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT))
        print(f'written: {", ".join(str(path) for file in files for path in file.paths)}')
    if cut:
        sys.exit(EXIT_CUT)


if __name__ == '__main__':
    main()
