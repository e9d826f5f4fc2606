"""Measure the speed of the data loader or of inference.

    python tools/benchmarks/benchmark.py CONFIG --task dataloader             # training items, frames per second
    python tools/benchmarks/benchmark.py CONFIG --task inference --shape 360 640   # clips of noise, no data needed

Inference is timed on consecutive clips of one video, including association and output, without reading files.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gvseg.entry import entry_point
from gvseg.utils.arguments import add_config_options
from gvseg.utils.errors import ConfigError

if TYPE_CHECKING:
    from mmengine.config import Config


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line; names are those of the OpenMMLab tool."""
    import torch

    parser = argparse.ArgumentParser(description='Time the loader or the model')
    parser.add_argument('config', help='config file')
    parser.add_argument('--checkpoint', help='weights; random ones give few objects and little output')
    parser.add_argument('--task', choices=['inference', 'dataloader'], default='dataloader')
    parser.add_argument('--shape', type=int, nargs=2, default=[360, 640], help='height and width for inference')
    parser.add_argument('--max-iter', type=int, default=20, help='number of timed batches or clips')
    parser.add_argument('--num-warmup', type=int, default=3, help='number of warm-up batches or clips')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    add_config_options(parser)
    return parser.parse_args(arguments)


def timed(step: Callable[[], int], arguments: argparse.Namespace) -> dict[str, float]:
    """Frames per second and median milliseconds of a step that returns its number of frames."""
    for _ in range(arguments.num_warmup):
        step()
    seconds: list[float] = []
    frames = 0
    for _ in range(arguments.max_iter):
        start = time.perf_counter()
        frames += step()
        seconds.append(time.perf_counter() - start)
    return dict(fps=frames / sum(seconds), median_ms=1000 * statistics.median(seconds))


def time_loader(config: Config, arguments: argparse.Namespace) -> dict[str, float]:
    """Time the training batches of the Runner's loader."""
    from mmengine.registry import init_default_scope
    from mmengine.runner import Runner

    init_default_scope(config.get('default_scope', 'mmdet'))
    batches = iter(Runner.build_dataloader(config.train_dataloader, seed=0))
    return timed(lambda: sum(len(item) for item in next(batches)['inputs']), arguments)


def time_model(config: Config, arguments: argparse.Namespace) -> dict[str, float]:
    """Time the model on one long video of noise."""
    import torch

    from gvseg.apis.dummy_clip import dummy_clip
    from gvseg.apis.loading import load_model

    config.model.backbone.init_cfg = None
    model, config = load_model(config, arguments.checkpoint, arguments.device)
    size = tuple(-(-side // 32) * 32 for side in arguments.shape)
    inputs, first = dummy_clip(config, size)
    inputs, frames, position = inputs.to(arguments.device), inputs.shape[1], 0

    @torch.no_grad()
    def step() -> int:
        nonlocal position
        sample = first if position == 0 else dummy_clip(config, size, position)[1]
        model.predict(inputs, [sample])  # results are on the CPU, so the device is synchronised
        position += frames
        return frames

    return timed(step, arguments)


def peak_memory(device: str) -> str:
    """Peak memory so far, of the GPU if there is one, otherwise of this process."""
    import torch

    if device.startswith('cuda'):
        return f'{torch.cuda.max_memory_allocated() / 2**20:.0f} MiB of GPU memory'
    return f'{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB of memory'


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    import torch

    from gvseg.utils.config import load_config

    if arguments.max_iter < 1 or arguments.num_warmup < 0:
        raise ConfigError('--max-iter must be at least 1 and --num-warmup at least 0.')
    config = load_config(arguments.config, arguments.cfg_options)
    measure = time_loader if arguments.task == 'dataloader' else time_model
    result = measure(config, arguments)
    what = 'batch' if arguments.task == 'dataloader' else 'clip'
    device = arguments.device if arguments.task == 'inference' else 'cpu'
    print(
        f'{arguments.task}: {result["fps"]:.2f} frames/s, {result["median_ms"]:.1f} ms per {what} (median of '
        f'{arguments.max_iter}), at most {peak_memory(device)}, {device}, {torch.get_num_threads()} threads'
    )


if __name__ == '__main__':
    sys.exit(main())
