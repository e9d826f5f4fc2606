"""Compare CPU time and memory of GvSeg with mmdet's Mask2FormerVideo of the same size, and with an earlier GvSeg.

Each model has its own process and the processes alternate, so that other load affects all equally. CPU seconds are
those of the process (``time.process_time``).

    python tools/benchmarks/versus_mmdet.py                                  # inference, 3 frames of 384 x 640
    python tools/benchmarks/versus_mmdet.py --task training --size 256 448 --rounds 3
    python tools/benchmarks/versus_mmdet.py --size 736 1280 --rounds 1       # memory at 720p
    git worktree add /tmp/before v1.0 && python tools/benchmarks/versus_mmdet.py --before /tmp/before

Inference is backbone and head (GvSeg with the descriptors of ten queries in every layer); training is forward and
backward of two clips: of one video for GvSeg, which contrasts them, of two videos for mmdet.
"""

import argparse
import copy
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from gvseg.entry import entry_point, load_openmmlab

ROOT = Path(__file__).resolve().parents[2]
DESCRIBED = 10


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--task', choices=['inference', 'training'], default='inference')
    parser.add_argument('--config', help="of GvSeg's model; mmdet's is made of it; default: R-50 VIS")
    parser.add_argument('--size', type=int, nargs=2, default=[384, 640], help='height and width')
    parser.add_argument('--rounds', type=int, default=5, help='timed turns of each model, after one warm-up turn')
    parser.add_argument('--before', help='folder of an earlier checkout to compare with')
    parser.add_argument('--json', help='write the numbers to this file')
    parser.add_argument('--child', choices=['ours', 'mmdet'], help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def resident() -> int:
    """Bytes of memory in use by this process."""
    return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def peak_since_reset() -> int:
    """Peak bytes of memory since ``clear_refs`` was written."""
    lines = Path('/proc/self/status').read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith('VmHWM'))


def make_turn(arguments: argparse.Namespace) -> Any:
    """Return the function to measure."""
    load_openmmlab()
    import torch
    from compared_models import VIS, build, clip_samples, pixels, read_config

    torch.set_num_threads(1)
    config, size = read_config(arguments.config or VIS), tuple(arguments.size)
    model, classes = build(config, arguments.child, 'cpu'), config.model.track_head.num_classes
    if arguments.task == 'training':
        videos, frames = (1, 6) if arguments.child == 'ours' else (2, 3)
        inputs, samples = pixels(size, videos, frames, 'cpu'), clip_samples(size, videos, frames, classes)
        model.train()

        def train() -> None:
            losses = model.loss(inputs, copy.deepcopy(samples))  # mmdet writes into its samples
            sum(value.sum() for value in losses.values()).backward()
            model.zero_grad()

        return train
    model.eval()
    inputs, sample = pixels(size, 1, 3, 'cpu'), clip_samples(size, 1, 3, classes)[0]
    return predict_turn(model, arguments.child, inputs, sample)


def predict_turn(model: Any, whose: str, inputs: Any, sample: Any) -> Any:
    """Return a function that runs backbone and head on one clip."""
    import torch
    from speed_of_stages import MostConfident

    head = model.track_head
    if whose == 'ours' and head.cue_injection is not None:
        head.cue_injection = MostConfident(head.cue_injection, DESCRIBED)

    @torch.no_grad()
    def predict() -> None:
        features = model.backbone(inputs[0])
        if whose == 'mmdet':
            head(features, sample)
        else:
            head.predict_clip(features, head.clip_batch(features, [sample], with_targets=False))

    return predict


def serve(arguments: argparse.Namespace) -> None:
    """Run one turn per input line and print its time and memory."""
    turn = make_turn(arguments)
    print('ready', flush=True)
    for _ in sys.stdin:
        before = resident()
        Path('/proc/self/clear_refs').write_text('5')
        start, cpu = time.perf_counter(), time.process_time()
        turn()
        took = dict(cpu_s=time.process_time() - cpu, wall_s=time.perf_counter() - start)
        print(json.dumps(dict(took, peak_MiB=(peak_since_reset() - before) / 2**20)), flush=True)


def start(name: str, arguments: argparse.Namespace) -> subprocess.Popen:
    """Start the process of a model."""
    whose = 'mmdet' if name == 'mmdet' else 'ours'
    code = arguments.before if name == 'before' else ROOT
    command = [sys.executable, __file__, '--child', whose, '--task', arguments.task]
    command += ['--size', *map(str, arguments.size), *(['--config', arguments.config] if arguments.config else [])]
    environment = dict(os.environ, PYTHONPATH=str(code), OMP_NUM_THREADS='1')
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def answer(process: subprocess.Popen, expected: str) -> str:
    """Next output line with the expected prefix; libraries print other lines."""
    for line in process.stdout:
        if line.startswith(expected):
            return line
    raise SystemExit(f'error: the process of a model ended with status {process.wait()}')


def report(turns: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Print the medians of every model and the ratios of ours to the others."""
    medians = {
        name: {key: statistics.median(turn[key] for turn in found) for key in found[0]} for name, found in turns.items()
    }
    for name, found in medians.items():
        ratios = [ours['cpu_s'] / other['cpu_s'] for ours, other in zip(turns['ours'], turns[name])]
        found['ours_cpu_ratio'] = statistics.median(ratios)
        # Small frames may fit in memory that the process already had.
        found['ours_memory_ratio'] = medians['ours']['peak_MiB'] / found['peak_MiB'] if found['peak_MiB'] else None
        print(
            f'{name:<8} {found["cpu_s"]:8.2f} CPU-s {found["wall_s"]:8.2f} s {found["peak_MiB"]:7.0f} MiB extra'
            f'   ours / this: {found["ours_cpu_ratio"]:.2f} CPU-s ({min(ratios):.2f}-{max(ratios):.2f}), '
            + ('memory: none' if found['ours_memory_ratio'] is None else f'{found["ours_memory_ratio"]:.2f} memory')
        )
    return medians


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    if arguments.child:
        serve(arguments)
        return
    names = ['ours', 'mmdet', *(['before'] if arguments.before else [])]
    processes = {name: start(name, arguments) for name in names}
    turns: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for name in names:
        answer(processes[name], 'ready')
    for _ in range(arguments.rounds + 1):
        for name in names:
            processes[name].stdin.write('go\n')
            processes[name].stdin.flush()
            turns[name].append(json.loads(answer(processes[name], '{')))
    for process in processes.values():
        process.stdin.close()
        process.wait()
    print(f'{arguments.task}, {arguments.size[0]} x {arguments.size[1]}, median of {arguments.rounds}')
    medians = report({name: found[1:] for name, found in turns.items()})
    if arguments.json:
        Path(arguments.json).write_text(
            json.dumps(dict(vars(arguments), medians=medians, turns=turns), indent=1) + '\n'
        )


if __name__ == '__main__':
    main()
