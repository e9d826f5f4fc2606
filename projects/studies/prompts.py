"""Score what points, negative points, boxes, masks, corrections and both directions are worth, on DAVIS videos.

    python projects/studies/prompts.py data/davis --videos camel drift-chicane parkour --every 3

Prompts are made from the ground truth: points lie deep inside the object and far from each other, a negative point lies
deepest in what the preview of that frame has too much, and a correction shows the true mask in the middle frame. J&F is
the mean over the frames of a video that show no prompt, then over videos; "second half" are those after the middle.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gvseg.entry import entry_point
from gvseg.utils.arguments import whole_number
from gvseg.utils.errors import InputError

if TYPE_CHECKING:
    from gvseg.apis import FrameResult, VideoSession

POINTS, NEGATIVES = 3, 2


def inner_point(region: np.ndarray) -> tuple[float, float] | None:
    """The deepest pixel (x, y) of a region (H, W) bool; ``None``: it has none."""
    if not region.any():
        return None
    depth = cv2.distanceTransform(np.pad(region, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(column), float(row)


def spread_points(mask: np.ndarray, count: int) -> list[tuple[float, float]]:
    """Points (x, y) deep inside a mask (H, W) bool, each far from the others."""
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    inside = np.argwhere(depth >= 0.3 * depth.max())
    chosen = [np.unravel_index(int(depth.argmax()), depth.shape)]
    while len(chosen) < count:
        distance = np.min([np.square(inside - place).sum(1) for place in chosen], axis=0)
        chosen.append(tuple(inside[int(distance.argmax())]))
    return [(float(column), float(row)) for row, column in chosen]


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Bounding box (x1, y1, x2, y2) of a mask."""
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def show_points(session: VideoSession, mask: np.ndarray, count: int) -> None:
    """Show object 1 in the first frame by points."""
    for point in spread_points(mask, count):
        session.add(object=1, frame=0, point=point)


def show_errors(session: VideoSession, mask: np.ndarray, count: int) -> None:
    """Negative points where the preview of the first frame has too much, one after the other."""
    for _ in range(count):
        found = found_mask(session.preview(0))
        point = inner_point(found & ~mask)
        if point is not None:
            session.add(object=1, frame=0, point=point, positive=False)


def found_mask(result: FrameResult) -> np.ndarray:
    """Mask (H, W) bool of object 1."""
    return result.masks[0] if len(result) else np.zeros(result.size, bool)


def scores(results: Iterable[FrameResult], truth: Sequence[np.ndarray], shown: set[int]) -> np.ndarray:
    """Mean of J and F of every frame, (T,), nan where the frame shows a prompt."""
    from gvseg.evaluation.functional.measures.region_boundary import boundary_radius, mask_scores

    radius = boundary_radius(truth[0].shape)
    values = [np.mean(mask_scores(mask, found_mask(result), radius)) for result, mask in zip(results, truth)]
    return np.array([np.nan if index in shown else value for index, value in enumerate(values)])


def variants(session: VideoSession, truth: Sequence[np.ndarray]) -> dict[str, tuple[Callable[[], object], str]]:
    """Name of each way to show the object -> (how, direction of the run)."""
    middle, last = len(truth) // 2, len(truth) - 1

    def several(*shows: Callable[[], object]) -> Callable[[], object]:
        return lambda: [show() for show in shows]

    def mask_in(frame: int) -> Callable[[], object]:
        return lambda: session.add(object=1, frame=frame, mask=truth[frame])

    def points(count: int) -> Callable[[], object]:
        return lambda: show_points(session, truth[0], count)

    return {
        '1 point': (points(1), 'forward'),
        f'{POINTS} points': (points(POINTS), 'forward'),
        f'{POINTS} points, {NEGATIVES} negative': (
            several(points(POINTS), lambda: show_errors(session, truth[0], NEGATIVES)),
            'forward',
        ),
        'box': (lambda: session.add(object=1, frame=0, box=box_of(truth[0])), 'forward'),
        'box, 3 points': (
            several(lambda: session.add(object=1, frame=0, box=box_of(truth[0])), points(POINTS)),
            'forward',
        ),
        '1 point, corrected': (several(points(1), mask_in(middle)), 'forward'),
        'mask': (mask_in(0), 'forward'),
        'mask, corrected': (several(mask_in(0), mask_in(middle)), 'forward'),
        'middle mask, both': (mask_in(middle), 'both'),
        'last mask, backward': (mask_in(last), 'backward'),
    }


def read_video(root: Path, video: str, every: int) -> tuple[list[str], list[np.ndarray]]:
    """Every K-th picture of a DAVIS video and the mask of its object there, (H, W) bool.

    Raises:
        InputError: the video is not there.
    """
    from gvseg.formats.object_maps import read_binary_mask

    folder = root / 'JPEGImages/480p' / video
    pictures = sorted(folder.glob('*.jpg'))[::every]
    if not pictures:
        raise InputError(f'{folder} has no pictures.')
    maps = [root / 'Annotations/480p' / video / f'{path.stem}.png' for path in pictures]
    return [str(path) for path in pictures], [read_binary_mask(path) for path in maps]


def measure(root: Path, videos: Sequence[str], every: int, device: str, side: int) -> dict[str, list[np.ndarray]]:
    """Scores of every variant, one array for each video.

    Raises:
        InputError: a video is not there.
    """
    from gvseg.apis import VideoSegmenter

    segmenter = VideoSegmenter('evs', device=device, short_side=side)
    table: dict[str, list[np.ndarray]] = {}
    for video in videos:
        pictures, truth = read_video(root, video, every)
        with segmenter.session(pictures) as session:
            for name, (show, direction) in variants(session, truth).items():
                session.clear()
                show()
                shown = {prompt.frame for prompt in session.prompts}
                table.setdefault(name, []).append(scores(session.run(direction), truth, shown))
                print(f'{video}: {name}: {100 * np.nanmean(table[name][-1]):.1f}', file=sys.stderr, flush=True)
    return table


def rows(table: dict[str, list[np.ndarray]]) -> list[str]:
    """The table in Markdown."""
    lines = ['| shown | J&F | second half |', '|---|---|---|']
    for name, videos in table.items():
        whole = 100 * np.mean([np.nanmean(values) for values in videos])
        half = 100 * np.mean([np.nanmean(values[len(values) // 2 + 1 :]) for values in videos])
        lines.append(f'| {name} | {whole:.1f} | {half:.1f} |')
    return lines


def parser_of(description: str, side: int) -> argparse.ArgumentParser:
    """What studies on DAVIS videos with the shipped EVS model are told."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('root', type=Path, help='DAVIS folder: JPEGImages/480p and Annotations/480p')
    parser.add_argument('--videos', nargs='+', default=['camel', 'drift-chicane', 'parkour'], help='their names')
    parser.add_argument('--every', type=whole_number(1), default=1, metavar='K', help='take every K-th frame')
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    parser.add_argument('--short-side', type=whole_number(1), default=side, metavar='PIXELS', help='of the network')
    return parser


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    return parser_of('Score ways to show an object, with the shipped EVS model', side=240).parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    table = measure(arguments.root, arguments.videos, arguments.every, arguments.device, arguments.short_side)
    print('\n'.join(rows(table)))


if __name__ == '__main__':
    sys.exit(main())
