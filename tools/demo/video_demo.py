"""Segment a video file, or a folder of frames, with a trained model; writes an mp4 and a contact sheet.

Examples:
    python tools/demo/video_demo.py street.mp4 --task vps
    python tools/demo/video_demo.py dog.mp4 --task evs --points 0:120,80 30:40,60
    python tools/demo/video_demo.py frames/ --task evs --masks 0:first_frame.png --boxes 12:10,20,90,80
    python tools/demo/video_demo.py street.mp4 --config CONFIG --checkpoint CHECKPOINT --device cuda:0
"""
import argparse
import sys
import time
from collections import deque
from pathlib import Path
from typing import Iterable, Iterator, List, Tuple

import gvseg  # noqa: F401  (before mmdet: checks versions, stands in for mmcv's missing operators)
import numpy as np
from gvseg.apis import VideoSegmenter, VideoSource, shipped_model
from gvseg.datasets.reading import read_map
from gvseg.utils.command_line import readable_errors
from gvseg.utils.errors import InputError
from gvseg.utils.work_dir import prepare_work_dir
from gvseg.visualization import (FrameSegments, VideoFile, contact_sheet, legend, overlay, predicted_segments,
                                 write_png)
from gvseg.visualization.layout import sheet_width

REPOSITORY = Path(__file__).resolve().parents[2]
VOID_VALUE = 255


def parse_arguments(arguments: List[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('video', help='video file, or folder of frames sorted by name')
    parser.add_argument('--task', help='use the shipped model of this task: vis, vss, vps or evs')
    parser.add_argument('--config', help='config file, instead of --task')
    parser.add_argument('--checkpoint', help='its weights')
    parser.add_argument('--points', nargs='+', default=[], metavar='FRAME:X,Y', help='objects shown by a point')
    parser.add_argument('--boxes', nargs='+', default=[], metavar='FRAME:X1,Y1,X2,Y2', help='objects shown by a box')
    parser.add_argument('--masks', nargs='+', default=[], metavar='FRAME:PNG',
                        help='objects shown by a mask; each value of the PNG is an object, 0 is background')
    parser.add_argument('--out', type=Path, help='mp4 to write, default work_dirs/demo/<video>.mp4')
    parser.add_argument('--fps', type=float, default=24., help='frame rate, where the video does not tell')
    parser.add_argument('--min-score', type=float, default=0.3, help='instances below are not drawn')
    parser.add_argument('--columns', type=int, default=6, help='frames in the contact sheet')
    parser.add_argument('--short-side', type=int, metavar='PIXELS',
                        help='shrink frames to this for the network: faster, and nearer to what a model was trained on')
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    parsed = parser.parse_args(arguments)
    if bool(parsed.task) == bool(parsed.config) or bool(parsed.config) != bool(parsed.checkpoint):
        parser.error('give either --task, or both --config and --checkpoint')
    return parsed


def numbers(text: str, count: int, option: str, form: str) -> Tuple[int, List[float]]:
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
        raise InputError(f'{option} {text}: write {form}, for example {option} '
                         f'0:{",".join(str(20 * i) for i in range(1, count + 1))}.') from None


def mask_objects(text: str) -> Iterator[Tuple[int, np.ndarray]]:
    """Frame and mask of every object in a PNG given as ``FRAME:FILE``.

    A PNG of only 0 and 255 is one object; otherwise 255 is void.
    """
    frame, _, path = text.partition(':')
    if not frame.isdigit() or not path:
        raise InputError(f'--masks {text}: write FRAME:FILE, for example --masks 0:first.png.')
    values = read_map(path)
    if values.ndim != 2:
        raise InputError(f'--masks {text}: the PNG is a colour picture. Save it with a palette or in grey, one value '
                         'an object.')
    found = [value for value in np.unique(values) if value not in (0, VOID_VALUE)] or [VOID_VALUE]
    for value in found:
        yield int(frame), values == value


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


def segmented(segmenter: VideoSegmenter, source: VideoSource,
              min_score: float) -> Iterator[Tuple[np.ndarray, FrameSegments]]:
    """Every frame (RGB) with its segments, as soon as they are known."""
    waiting: deque = deque()

    def remembered(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for frame in frames:
            waiting.append(frame)
            yield frame

    for result in segmenter.stream(remembered(source)):
        yield waiting.popleft()[..., ::-1], predicted_segments(result, segmenter.class_names, min_score)


class SheetFrames:
    """Keeps about evenly spaced frames of a video whose length may be unknown; memory does not grow with it.

    Args:
        count: frames wanted; up to twice as many are kept.
    """

    def __init__(self, count: int) -> None:
        self.count, self.every, self.seen = max(count, 1), 1, 0
        self.kept: List[tuple] = []

    def add(self, *entry: object) -> None:
        """The next frame."""
        if self.seen % self.every == 0:
            self.kept.append((self.seen, *entry))
        if len(self.kept) > 2 * self.count:
            self.every *= 2
            self.kept = self.kept[::2]
        self.seen += 1

    def chosen(self) -> List[tuple]:
        """(index, entry...) of the frames to show."""
        places = np.linspace(0, len(self.kept) - 1, min(self.count, len(self.kept))).round().astype(int)
        return [self.kept[place] for place in places]


def write_sheet(path: Path, frames: SheetFrames, title: str) -> None:
    """The contact sheet of the frames kept."""
    indices, images, drawn, segments = zip(*frames.chosen())
    footer = legend(segments, sheet_width(len(indices)))
    write_png(path, contact_sheet([images, drawn], ['input', 'prediction'], [f'frame {i}' for i in indices], title,
                                  footer))


def run(arguments: argparse.Namespace) -> Tuple[Path, Path]:
    """Segment, draw and write; returns the video and the sheet.

    What was drawn before an error stays on disk.
    """
    source = VideoSource(arguments.video, arguments.fps)
    out = arguments.out or Path('work_dirs/demo') / f'{source.path.stem}.mp4'
    prepare_work_dir(str(out.parent))
    config, checkpoint = arguments.config, arguments.checkpoint
    if arguments.task:
        config, checkpoint = shipped_model(arguments.task, REPOSITORY)
    segmenter = VideoSegmenter(config, checkpoint, arguments.device, arguments.short_side)
    show_objects(segmenter, arguments)
    sheet, start = SheetFrames(arguments.columns), time.time()
    try:
        with VideoFile(out, source.fps) as file:
            for image, segments in segmented(segmenter, source, arguments.min_score):
                drawn = overlay(np.ascontiguousarray(image), segments)
                file.write(drawn)
                sheet.add(image, drawn, segments)
                report(file.frames, source.length, time.time() - start)
    finally:
        sys.stderr.write('\n' if sheet.seen else '')
        if sheet.seen:
            write_sheet(out.with_suffix('.png'), sheet, out.stem)
    return out, out.with_suffix('.png')


def report(done: int, total: int | None, seconds: float) -> None:
    """One line on stderr."""
    sys.stderr.write(f'\rframe {done}{f"/{total}" if total else ""}, {done / max(seconds, 1e-6):.1f} frames/s ')
    sys.stderr.flush()


def main() -> None:
    """Entry point."""
    arguments = parse_arguments()
    with readable_errors():
        video, sheet = run(arguments)
        print(f'written: {video}, {sheet}')


if __name__ == '__main__':
    main()
