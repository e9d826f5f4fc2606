"""Compare the CPU time of a clip with the time that its matrix products would take at the speed of this core.

    python tools/benchmarks/distance_to_limit.py                    # R-50 VIS, 3 frames of 384 x 640
    python tools/benchmarks/distance_to_limit.py --size 736 1280

The limit counts matrix products and convolutions (``torch.utils.flop_counter``) at the speed of one product of 1024 x
1024 matrices; deformable sampling, softmax and norms come on top of it. One thread, random weights, backbone and head
with the descriptors of ten queries in every layer.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from gvseg.entry import entry_point, load_openmmlab


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--config', help='of the model; default: R-50 VIS')
    parser.add_argument('--size', type=int, nargs=2, default=[384, 640], help='height and width')
    parser.add_argument('--rounds', type=int, default=3, help='turns; the best of each is reported')
    return parser.parse_args(arguments)


def least_seconds(functions: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Least CPU seconds of each function; they take turns."""
    best = [float('inf')] * len(functions)
    for _ in range(rounds):
        for index, function in enumerate(functions):
            start = time.process_time()
            function()
            best[index] = min(best[index], time.process_time() - start)
    return best


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    load_openmmlab()
    import torch
    from compared_models import VIS, build, clip_samples, pixels, read_config
    from torch.utils.flop_counter import FlopCounterMode
    from versus_mmdet import predict_turn

    torch.set_num_threads(1)
    config, size = read_config(arguments.config or VIS), tuple(arguments.size)
    model = build(config, 'ours', 'cpu').eval()
    sample = clip_samples(size, 1, 3, config.model.track_head.num_classes)[0]
    predict = predict_turn(model, 'ours', pixels(size, 1, 3, 'cpu'), sample)
    left, right = torch.randn(2, 1024, 1024)
    counter = FlopCounterMode(display=False)
    with counter:
        predict()
    flops = counter.get_total_flops()
    took, product = least_seconds([predict, lambda: left @ right], arguments.rounds)
    speed = 2 * 1024**3 / product
    print(f'{flops / 1e9:.0f} GFLOP a clip at {speed / 1e9:.0f} GFLOP/s: {flops / speed:.2f} s')
    print(f'measured: {took:.2f} CPU-s, {took * speed / flops:.2f} times the limit')


if __name__ == '__main__':
    sys.exit(main())
