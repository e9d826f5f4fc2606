"""``gvseg demo``: segment a generated video with a shipped model, to test an installation."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from gvseg.entry import entry_point
from gvseg.utils.arguments import whole_number

from .segment_options import parse_arguments as parse_segment

SIZE, FPS = (144, 240), 10


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog='gvseg demo', description='Generate a video of moving shapes and segment it with a shipped model.'
    )
    parser.add_argument('--task', choices=['vis', 'vss', 'vps', 'evs'], default='vps', help='default: %(default)s')
    parser.add_argument('--frames', type=whole_number(1), default=24, help='length of the video')
    parser.add_argument('--seed', type=whole_number(0), default=28, help='seed of the generated video')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/demo'), help='folder, default: %(default)s')
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> int:
    """Write the video, then run ``gvseg segment`` on it."""
    from gvseg.moving_shapes import render_video
    from gvseg.utils.work_dir import prepare_output_folder
    from gvseg.visualization import VideoFile

    from .segment import segment

    prepare_output_folder(arguments.out, '--out')
    video = arguments.out / f'shapes_{arguments.seed}.mp4'
    frames = list(render_video((arguments.seed,), arguments.frames, SIZE))
    with VideoFile(video, FPS) as file:
        for frame in frames:
            file.write(frame.image[..., ::-1])
    options = [str(video), '--task', arguments.task, '--shapes']
    options += ['--out', str(arguments.out / f'shapes_{arguments.seed}_{arguments.task}.mp4')]
    if arguments.task == 'evs':
        options += ['--boxes', *_first_boxes(frames[0].instances)]
    return segment(parse_segment(options))


def _first_boxes(instances) -> list[str]:
    """Boxes of the things in the first frame, as ``--boxes`` takes them; ``instances`` is (H, W), 0 nothing."""
    import numpy as np

    boxes = []
    for identity in np.unique(instances[instances > 0])[:3]:
        rows, columns = np.nonzero(instances == identity)
        boxes.append(f'0:{columns.min()},{rows.min()},{columns.max() + 1},{rows.max() + 1}')
    return boxes
