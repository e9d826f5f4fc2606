"""Options of ``gvseg segment`` and ``tools/demo/video_demo.py``."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gvseg.utils.arguments import part, positive_number, whole_number

SAVED = ('json', 'png', 'coco', 'cutouts', 'side-by-side')
MAX_SIDE = 2560
DESCRIPTION = """Segment a video file, a folder of frames, pictures or a camera; writes an mp4 and a contact sheet.

Examples:
    {command} street.mp4 --model mask2former-swin-tiny-coco-panoptic      # public weights, fetched the first time
    {command} shapes.mp4 --task vps                # the shipped model is trained on generated shapes
    {command} dog.mp4 --task evs --points 0:120,80 30:40,60 --trim 2.5:10 --save json png cutouts
    {command} dog.mp4 --task evs --points 30:120,80 --negative 30:150,90 --direction both --names 1:dog
    {command} frames/ --task evs --masks 0:first_frame.png --boxes 12:10,20,90,80
    {command} street.mp4 --config CONFIG --checkpoint CHECKPOINT --device cuda:0
    {command} 0 --task vis --clip-length 1         # camera 0, until Ctrl-C
    {command} videos/ --task vps --out results --shard 3/8    # a folder of videos, the third of eight parts

In a folder of videos, those with a file NAME.done next to their results are finished and skipped.

After Ctrl-C or SIGTERM the files hold the frames segmented so far. Exit status: 0; 2 for input that cannot
be used; 3 where the video file was cut off, all frames before being written; 130 or 143 where it was stopped.
"""

PROMPTS = """Without --object every positive value is a new object (1, 2, ...) and a negative one belongs to the object
before it; after --object N all values belong to object N. Several values of one object in one frame show it together,
in a later frame they correct it from there on. For example, two objects, the first corrected in frame 40:
--points 0:200,110 0:60,70 --object 1 --negative 0:220,90 --boxes 40:80,60,190,170 --names 1:dog 2:cat"""


def parse_arguments(arguments: Sequence[str] | None = None, command: str | None = None) -> argparse.Namespace:
    """Command line; ``command`` is what the user typed before it, for the help."""
    parser = argparse.ArgumentParser(
        prog=command,
        description=DESCRIPTION.format(command=command or 'video_demo.py'),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_video(parser)
    add_model(parser)
    add_prompts(parser)
    add_outputs(parser)
    parser.add_argument('--min-score', type=float, default=0.3, help='instances below are not drawn')
    parser.add_argument('--columns', type=whole_number(0), default=6, help='frames in the contact sheet; 0: no sheet')
    parser.add_argument(
        '--short-side',
        type=whole_number(1),
        metavar='PIXELS',
        help='shrink frames to this for the network: faster, and closer to the training size',
    )
    parser.add_argument(
        '--clip-length',
        type=whole_number(1),
        metavar='FRAMES',
        help='frames that are segmented together; 1 shows each at once',
    )
    add_speed(parser)
    parsed = parser.parse_args(arguments)
    # With --model or --config, --task names the recipe of a general model.
    chosen = bool(parsed.model) + bool(parsed.config) or bool(parsed.task)
    if chosen != 1 or bool(parsed.config) != bool(parsed.checkpoint):
        parser.error('give one of --model, --task, or both --config and --checkpoint')
    return parsed


def seconds(text: str) -> tuple[float, float | None]:
    """Read ``FIRST:LAST``, either of which may be missing."""
    first, colon, last = text.partition(':')
    try:
        part = float(first or 0), float(last) if last else None
    except ValueError:
        part = (-1.0, None)
    if not colon or not 0 <= part[0] < (float('inf') if part[1] is None else part[1]):
        raise argparse.ArgumentTypeError(f'{text!r} is not FIRST:LAST in seconds, with FIRST before LAST')
    return part


def add_video(parser: argparse.ArgumentParser) -> None:
    """The video, and which part of it."""
    parser.add_argument(
        'video',
        nargs='+',
        help='video file, folder of frames sorted by name, folder of videos, file:// URL, glob in quotes, number of a '
        'camera, or several pictures',
    )
    parser.add_argument('--fps', type=positive_number, default=24.0, help='frame rate, where the video has none')
    parser.add_argument(
        '--trim',
        type=seconds,
        default=(0.0, None),
        metavar='FIRST:LAST',
        help='seconds of the part to segment, for example 2.5:10 or 60: for all from there on; frames count from there',
    )
    parser.add_argument('--shard', type=part, metavar='I/N', help='of a folder of videos every N-th from the I-th on')


class ListModels(argparse.Action):
    """Prints the table of public weights and ends the command."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from gvseg.utils.public_weights import listing

        print(listing())
        parser.exit()


def add_model(parser: argparse.ArgumentParser) -> None:
    """Options that choose the model."""
    parser.add_argument(
        '--model',
        metavar='NAME',
        help='public weights by name (--list-models), fetched and converted the first time; or shipped weights, a '
        'folder or file of public weights, a checkpoint or work directory of training',
    )
    parser.add_argument('--list-models', action=ListModels, nargs=0, help='print the table of public weights')
    parser.add_argument(
        '--task',
        help='use the shipped model of this task: vis, vss, vps or evs; with --config or --model: which recipe of a '
        'general model',
    )
    parser.add_argument(
        '--shapes',
        action='store_true',
        help='with --task: the model of generated shapes, also for evs, whose default is one for real video',
    )
    parser.add_argument('--config', help='config file, instead of --task')
    parser.add_argument('--checkpoint', help='its weights')


def add_speed(parser: argparse.ArgumentParser) -> None:
    """Options for device, precision, batches, memory layout and compilation."""
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    parser.add_argument(
        '--amp', nargs='?', const='bfloat16', choices=['float16', 'bfloat16'], help='network in mixed precision'
    )
    parser.add_argument('--compile', action='store_true', help='compile the network: minutes before the first frame')
    parser.add_argument(
        '--batch-size',
        type=whole_number(1),
        default=1,
        metavar='CLIPS',
        help='clips, also of different videos of a folder, that the network sees at once; prompts need 1',
    )
    parser.add_argument('--channels-last', action='store_true', help="backbone with channels last, for a CPU's speed")


class AppendPrompts(argparse.Action):
    """Collects values as (option, value) in ``prompts``, in the order of the command line."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        found = values if isinstance(values, list) else [values]
        namespace.prompts = [
            *(namespace.prompts or []),
            *((self.option_strings[0].lstrip('-'), value) for value in found),
        ]


def add_prompts(parser: argparse.ArgumentParser) -> None:
    """Options for object prompts."""
    group = parser.add_argument_group('objects (evs)', PROMPTS)

    def add(option: str, metavar: str, text: str, **kwargs: Any) -> None:
        group.add_argument(option, dest='prompts', action=AppendPrompts, metavar=metavar, help=text, **kwargs)

    add('--points', 'FRAME:X,Y', 'objects shown by a point', nargs='+')
    add('--boxes', 'FRAME:X1,Y1,X2,Y2', 'objects shown by a box', nargs='+')
    add(
        '--masks',
        'FRAME:PNG',
        'objects shown by a mask: each value of the PNG is an object, 0 is background, 255 void; '
        'a black-and-white mask, also one with soft edges, is one object',
        nargs='+',
    )
    add('--negative', 'FRAME:X,Y', 'points or boxes (FRAME:X1,Y1,X2,Y2) beside the object, which it is not', nargs='+')
    add('--object', 'N', 'the object that all values after this belong to', type=whole_number(1))
    parser.set_defaults(prompts=[])
    group.add_argument('--names', nargs='+', default=[], metavar='ID:NAME', help='names of objects')
    group.add_argument(
        '--direction',
        choices=('forward', 'backward', 'both'),
        default='forward',
        help='both: frames before the one that shows an object are segmented by a second pass that runs backward',
    )
    group.add_argument(
        '--backward', dest='direction', action='store_const', const='both', help='the same as --direction both'
    )


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Options that name files to write."""
    parser.add_argument(
        '--out', type=Path, help='mp4 to write (for a folder of videos: a folder), default work_dirs/demo/<video>.mp4'
    )
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
    parser.add_argument(
        '--save',
        nargs='+',
        choices=SAVED,
        default=[],
        metavar='FORMAT',
        help='also write, beside the mp4: json (tubes as YouTube-VIS results), png (a map of every frame, with '
        "DAVIS' palette), coco (a data set with track_id), cutouts (an RGBA picture of every object in every frame), "
        'side-by-side (an mp4 with every frame beside the drawn one)',
    )
    parser.add_argument(
        '--max-side',
        type=whole_number(0),
        default=MAX_SIDE,
        metavar='PIXELS',
        help='longer frames, such as 4K, are shrunk to this in the mp4 (default %(default)s; 0: never); other files '
        'keep their size',
    )
