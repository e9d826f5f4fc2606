"""Compare the CPU time of a clip with the time that its matrix products would take at the speed of this core.

    python tools/benchmarks/distance_to_limit.py                    # R-50 VIS, 3 frames of 384 x 640
    python tools/benchmarks/distance_to_limit.py --size 736 1280
    python tools/benchmarks/distance_to_limit.py --channels-last    # or --model mmdet

The limit counts matrix products and convolutions (``torch.utils.flop_counter``) at the speed of one product of 1024 x
1024 matrices; deformable sampling, softmax and norms come on top of it. One thread, random weights, backbone and head
with the descriptors of ten queries in every layer.
"""

import argparse
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gvseg.entry import entry_point, load_openmmlab


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--config', help='of the model; default: R-50 VIS')
    parser.add_argument('--size', type=int, nargs=2, default=[384, 640], help='height and width')
    parser.add_argument('--model', choices=['ours', 'mmdet'], default='ours', help="GvSeg's or Mask2FormerVideo")
    parser.add_argument(
        '--channels-last', action='store_true', help='also time a backbone with channels last, in alternating turns'
    )
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


class PartTimes:
    """CPU seconds of some modules of a model in each turn, by name.

    Args:
        parts: modules by name; calls of one within another of the same name are not expected.
    """

    def __init__(self, parts: Mapping[str, Sequence[Any]]) -> None:
        self.turn = dict.fromkeys(parts, 0.0)
        self.least = dict.fromkeys(parts, math.inf)
        for name, modules in parts.items():
            for module in modules:
                module.forward = self._timed(name, module.forward)

    def _timed(self, name: str, function: Callable) -> Callable:
        def forward(*given: Any, **options: Any) -> Any:
            start = time.process_time()
            found = function(*given, **options)
            self.turn[name] += time.process_time() - start
            return found

        return forward

    def next_turn(self) -> None:
        """End a turn."""
        self.least = {name: min(best, self.turn[name]) for name, best in self.least.items()}
        self.turn = dict.fromkeys(self.turn, 0.0)


def parts_of(model: Any) -> dict[str, list[Any]]:
    """Modules that take most of the time."""
    attention = [module for module in model.modules() if type(module).__name__.endswith('DeformableAttention')]
    return {
        'backbone': [model.backbone],
        'pixel decoder': [model.track_head.pixel_decoder],
        f'its {len(attention)} deformable attention layers': attention,
    }


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
    model = build(config, arguments.model, 'cpu').eval()
    sample = clip_samples(size, 1, 3, config.model.track_head.num_classes)[0]
    predict = predict_turn(model, arguments.model, pixels(size, 1, 3, 'cpu'), sample)
    turns = [predict]
    if arguments.channels_last:
        other = build(config, 'ours', 'cpu').eval()
        other.use_channels_last()
        turns.append(predict_turn(other, 'ours', pixels(size, 1, 3, 'cpu'), sample))
    left, right = torch.randn(2, 1024, 1024)
    counter = FlopCounterMode(display=False)
    with counter:
        predict()
    flops = counter.get_total_flops()
    times = [PartTimes(parts_of(one)) for one in ([model, other] if arguments.channels_last else [model])]
    functions = [lambda turn=turn, part=part: (turn(), part.next_turn()) for turn, part in zip(turns, times)]
    *took, product = least_seconds([*functions, lambda: left @ right], arguments.rounds)
    speed = 2 * 1024**3 / product
    print(f'{flops / 1e9:.0f} GFLOP a clip at {speed / 1e9:.0f} GFLOP/s: {flops / speed:.2f} s')
    for name, seconds, part in zip(('measured', 'channels last'), took, times):
        print(f'{name}: {seconds:.2f} CPU-s, {seconds * speed / flops:.2f} times the limit')
        print('  ' + ', '.join(f'{name} {seconds:.2f}' for name, seconds in part.least.items()))


if __name__ == '__main__':
    sys.exit(main())
