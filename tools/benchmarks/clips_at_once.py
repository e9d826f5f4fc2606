"""Frames per second of the whole segmenter, and of its backbone alone, with 1, 2, 4 ... clips in a batch.

    python tools/benchmarks/clips_at_once.py --config CONFIG [--checkpoint FILE] --size 96 160 --batches 1 4
    python tools/benchmarks/clips_at_once.py --device cuda:0 --size 736 1280

Clips of videos of noise, each of one clip, so that a batch holds different videos; with random weights the default is
R-50 VIS. Sizes of batches alternate, the best turn of each counts; on a CPU seconds are those of the process.
``--videos N`` segments N Moving Shapes videos of ``--frames`` frames instead, as ``gvseg segment FOLDER --batch-size``
does, but without decoding, drawing and writing.
"""

import argparse
import time
from collections.abc import Callable

from gvseg.entry import entry_point, load_openmmlab


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--config', help='default: R-50 VIS')
    parser.add_argument('--checkpoint', help='its weights; random ones by default')
    parser.add_argument('--size', type=int, nargs=2, default=[384, 640], help='height and width')
    parser.add_argument('--batches', type=int, nargs='+', default=[1, 2, 4, 8], help='numbers of clips in a batch')
    parser.add_argument('--rounds', type=int, default=3, help='turns of each, after one warm-up turn')
    parser.add_argument('--videos', type=int, default=0, help='whole videos, not clips of noise')
    parser.add_argument('--frames', type=int, default=10, help='of each of --videos')
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    return parser.parse_args(arguments)


def clock(device: str) -> Callable[[], float]:
    """Seconds of the process on a CPU, else of the wall after the device's work."""
    import torch

    if not device.startswith('cuda'):
        return time.process_time

    def now() -> float:
        torch.cuda.synchronize(device)
        return time.perf_counter()

    return now


def best_of_turns(run: Callable[[int], tuple[float, ...]], arguments: argparse.Namespace) -> dict[int, list[float]]:
    """Least seconds of alternating turns for each number of clips, the first turn left out."""
    best: dict[int, list[float]] = {}
    for turn in range(arguments.rounds + 1):
        for count in arguments.batches:
            seconds = run(count)
            if turn:
                best[count] = [min(pair) for pair in zip(seconds, best.get(count, seconds))]
    return best


def time_videos(arguments: argparse.Namespace, config: str) -> None:
    """Print the speed of segmenting several videos."""
    from gvseg.apis import VideoSegmenter
    from gvseg.moving_shapes import render_video

    segmenter = VideoSegmenter(config, arguments.checkpoint, arguments.device)
    videos = [
        [frame.image[..., ::-1] for frame in render_video((seed,), arguments.frames, tuple(arguments.size))]
        for seed in range(arguments.videos)
    ]
    now = clock(arguments.device)

    def run(count: int) -> tuple[float]:
        start = now()
        found = sum(1 for pairs in segmenter.segment_videos(videos, count) for _ in pairs)
        assert found == arguments.videos * arguments.frames
        return (now() - start,)

    size = f'{arguments.size[0]} x {arguments.size[1]}'
    print(f'{arguments.device}, {arguments.videos} videos of {arguments.frames} frames of {size}')
    for count, (seconds,) in best_of_turns(run, arguments).items():
        print(f'  {count} clips a batch: {arguments.videos * arguments.frames / seconds:8.2f} frames/s')


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    load_openmmlab()
    import torch
    from compared_models import VIS, read_config

    from gvseg.apis.dummy_clip import dummy_clip
    from gvseg.apis.loading import load_model

    torch.set_num_threads(1)
    if arguments.videos:
        time_videos(arguments, arguments.config or VIS)
        return
    model, config = load_model(read_config(arguments.config or VIS), arguments.checkpoint, arguments.device)
    now = clock(arguments.device)
    clips = [dummy_clip(config, tuple(arguments.size)) for _ in range(max(arguments.batches))]
    inputs = torch.cat([clip[0] for clip in clips]).to(arguments.device)
    frames = inputs.shape[1]

    @torch.no_grad()
    def run(count: int) -> tuple[float, float]:
        start = now()
        model.backbone(inputs[:count].flatten(0, 1))
        middle = now()
        model.predict(inputs[:count], [clip[1] for clip in clips[:count]])
        return now() - middle, middle - start

    print(f'{arguments.device}, {frames} frames of {arguments.size[0]} x {arguments.size[1]} a clip')
    for count, (whole, backbone) in best_of_turns(run, arguments).items():
        speeds = [frames * count / seconds for seconds in (whole, backbone)]
        print(f'  {count} clips a batch: {speeds[0]:8.2f} frames/s, backbone {speeds[1]:8.2f}')


if __name__ == '__main__':
    main()
