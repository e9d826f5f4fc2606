"""Score what corrections by clicks are worth, on DAVIS videos: a click in the worst frame, again and again.

    PYTHONPATH=. python projects/studies/clicks.py data/davis --videos camel drift-chicane parkour --rounds 3

The protocol is that of interactive video segmentation (DAVIS 2018, with clicks in place of scribbles). The object is
shown once in the first frame. After every run the frame with the lowest J&F is corrected by one click, deep inside the
larger of its two errors: a positive point in what is missing, a negative one in what is too much. The mean J&F over all
frames is printed after every round; frames that show a prompt count, too.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gvseg.entry import entry_point
from gvseg.utils.arguments import whole_number
from projects.studies.prompts import found_mask, inner_point, parser_of, read_video, scores

if TYPE_CHECKING:
    from gvseg.apis import VideoSession


def next_click(found: np.ndarray, truth: np.ndarray) -> tuple[tuple[float, float], bool] | None:
    """Where (x, y) to correct a mask (H, W) bool and whether by a positive point; ``None``: it has no error.

    The larger error is that of which one connected region is the largest.
    """
    regions = [(largest_region(truth & ~found), True), (largest_region(found & ~truth), False)]
    region, positive = max(regions, key=lambda pair: int(pair[0].sum()))
    point = inner_point(region)
    return None if point is None else (point, positive)


def largest_region(mask: np.ndarray) -> np.ndarray:
    """The largest connected region (H, W) of a mask, which is without pixels if the mask is."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return mask if count == 1 else labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())


def correct(session: VideoSession, truth: Sequence[np.ndarray], rounds: int) -> list[float]:
    """Mean J&F over all frames before the first correction and after every one."""
    means = []
    for number in range(rounds + 1):
        results = list(session.run())
        values = scores(results, truth, set())
        means.append(float(values.mean()))
        worst = int(values.argmin())
        click = next_click(found_mask(results[worst]), truth[worst])
        if number < rounds and click is not None:
            session.add(object=1, frame=worst, point=click[0], positive=click[1])
    return means


def measure(arguments: argparse.Namespace) -> np.ndarray:
    """Mean J&F of every video after every round, (videos, rounds + 1).

    Raises:
        InputError: a video is not there.
    """
    from gvseg.apis import VideoSegmenter

    segmenter = VideoSegmenter('evs', device=arguments.device, short_side=arguments.short_side)
    table = []
    for video in arguments.videos:
        pictures, truth = read_video(arguments.root, video, arguments.every)
        with segmenter.session(pictures) as session:
            shown = dict(mask=truth[0]) if arguments.mask else dict(point=inner_point(truth[0]))
            session.add(object=1, frame=0, **shown)
            table.append(correct(session, truth, arguments.rounds))
        print(f'{video}: ' + ' '.join(f'{100 * value:.1f}' for value in table[-1]), file=sys.stderr, flush=True)
    return np.array(table)


def rows(videos: Sequence[str], table: np.ndarray) -> list[str]:
    """The table in Markdown."""
    rounds = table.shape[1]
    head = ' | '.join(f'{number} clicks' for number in range(rounds))
    lines = [f'| video | {head} |', '|---' * (rounds + 1) + '|']
    for name, values in [*zip(videos, table), ('mean', table.mean(0))]:
        lines.append(f'| {name} | ' + ' | '.join(f'{100 * value:.1f}' for value in values) + ' |')
    return lines


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = parser_of('Score corrections by clicks, with the shipped EVS model', side=336)
    parser.add_argument('--rounds', type=whole_number(0), default=3, metavar='N', help='corrections')
    parser.add_argument('--mask', action='store_true', help='the first frame shows the true mask, not a point')
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    print('\n'.join(rows(arguments.videos, measure(arguments))))


if __name__ == '__main__':
    sys.exit(main())
