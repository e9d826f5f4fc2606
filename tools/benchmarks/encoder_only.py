"""Compare frames per second of the encoder-only network, of the one on ResNet-50, and of transformers' VidEoMT.

All have random weights, decode the same clip, and each has its own process; the processes alternate, so
that other load affects all equally. Backbone and head are measured, without linking and output.

    python tools/benchmarks/encoder_only.py --size 640 640             # the size of the published weights
    python tools/benchmarks/encoder_only.py --memory 1000              # peak memory of a long video of small frames
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from gvseg.entry import entry_point, load_openmmlab
from gvseg.utils.arguments import whole_number

VIT = 'configs/vis/gvseg-vis_vit-s_8xb1-40k_youtube-vis-2019.py'
MODELS = {
    'GvSeg, ViT-S': VIT,
    'GvSeg, ResNet-50': 'configs/vis/gvseg-vis_r50_zero-shot_coco.py',
    'transformers, VidEoMT-S': '',
}
SMALL_SIDE, FIRST_FRAMES = 64, 100
"""Frames of ``--memory``, in pixels; and how many of them have gone by at its first measurement."""


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--size', type=whole_number(32), nargs=2, default=[640, 640], help='height and width')
    parser.add_argument('--frames', type=whole_number(1), default=4, help='frames of a turn')
    parser.add_argument('--rounds', type=whole_number(1), default=3, help='timed turns, after one warm-up turn')
    parser.add_argument('--memory', type=whole_number(FIRST_FRAMES), help='only stream a video of that many frames')
    parser.add_argument('--child', choices=MODELS, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def turn_of(name: str, size: tuple[int, int], frames: int) -> Callable[[], object]:
    """A function that decodes some frames with a network."""
    load_openmmlab()
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    pixels = torch.randn(frames, 3, *size)
    if not MODELS[name]:
        model = their_network(size)
        return torch.no_grad()(lambda: model(pixel_values_videos=pixels[None]))
    from compared_models import build, clip_samples, read_config

    model = build(read_config(MODELS[name]), 'ours', 'cpu').eval()
    sample = clip_samples(size, 1, frames, model.track_head.num_classes)

    @torch.no_grad()
    def decode() -> None:
        clips = model.track_head.clip_batch(pixels, sample, with_targets=False)
        model.track_head.predict_clip(model.backbone(pixels), clips)

    return decode


def their_network(size: tuple[int, int]):
    """transformers' VidEoMT-S with random weights; its grid of patches is square."""
    from transformers import VideomtConfig, VideomtForUniversalSegmentation

    config = VideomtConfig(
        hidden_size=384, num_hidden_layers=12, num_attention_heads=6, num_blocks=3, image_size=size[0], num_labels=40
    )
    return VideomtForUniversalSegmentation(config).eval()


def serve(arguments: argparse.Namespace) -> None:
    """Run one turn for every line of input and print its time."""
    turn = turn_of(arguments.child, tuple(arguments.size), arguments.frames)
    print('ready', flush=True)
    for _ in sys.stdin:
        start = time.process_time()
        turn()
        print(json.dumps(time.process_time() - start), flush=True)


def compare(arguments: argparse.Namespace) -> None:
    """Alternate the networks and print their medians."""
    given = ['--size', *map(str, arguments.size), '--frames', str(arguments.frames)]
    children = {
        name: subprocess.Popen(
            [sys.executable, __file__, '--child', name, *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ, OMP_NUM_THREADS='1'),
        )
        for name in MODELS
    }
    for child in children.values():
        answer(child, 'ready')
    turns: dict[str, list[float]] = {name: [] for name in children}
    for _ in range(arguments.rounds + 1):
        for name, child in children.items():
            child.stdin.write('go\n')
            child.stdin.flush()
            turns[name].append(float(answer(child)) / arguments.frames)
    for name, found in turns.items():
        children[name].stdin.close()
        children[name].wait()
        seconds = statistics.median(found[1:])
        print(f'{name:<24} {seconds:.2f} CPU-s a frame, {1 / seconds:.2f} frames a CPU-s')


def answer(child: subprocess.Popen, expected: str = '') -> str:
    """Next line of a process that begins with the expected text, or is a number."""
    for line in child.stdout:
        if line.startswith(expected) if expected else line.strip().replace('.', '', 1).isdigit():
            return line
    raise SystemExit(f'error: the process of a network ended with status {child.wait()}')


def measure_memory(length: int) -> None:
    """Stream small frames through the encoder-only network; print the peaks after the first ones and at the end."""
    import numpy as np

    from gvseg.apis import VideoSegmenter

    segmenter = VideoSegmenter(VIT, None, short_side=SMALL_SIDE)
    noise = np.random.default_rng(0)
    frames = (noise.integers(0, 256, (SMALL_SIDE, SMALL_SIDE, 3), np.uint8) for _ in range(length))
    for done, _ in enumerate(segmenter.stream(frames), 1):
        if done in (FIRST_FRAMES, length):
            print(f'{done} frames: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB', flush=True)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    if arguments.child:
        serve(arguments)
    elif arguments.memory:
        measure_memory(arguments.memory)
    else:
        compare(arguments)


if __name__ == '__main__':
    sys.exit(main())
