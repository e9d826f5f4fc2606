"""Run the steps of ``gpu_steps.py`` in sequence, each in its own process, and write one JSON.

    tools/benchmarks/gpu_check.sh gpu.json             # all of them
    tools/benchmarks/gpu_check.sh gpu.json --quick     # fewer repetitions, no compilation
    tools/benchmarks/gpu_check.sh cpu.json --quick --device cpu --size 64 96    # test of the script itself

A step that fails, hangs or leaves the device unusable only loses its own results.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from gvseg.entry import entry_point, load_openmmlab

ROOT = Path(__file__).resolve().parents[2]
#: Steps in order of importance -> time limit in seconds.
STEPS = {
    'hardware': 90,
    'tests': 90,
    'shipped': 120,
    'training': 120,
    'inference': 90,
    'mmdet_training': 60,
    'mmdet_inference': 60,
    'stalls': 60,
    'compile': 120,
}
NOT_QUICK = ('compile',)
LIMIT = 300
#: Factor of all time limits on a CPU, which is slow and only tests the script.
ON_CPU = 10


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out', type=Path, help='JSON to write')
    parser.add_argument('--device', default='cuda:0')
    parser.add_argument('--quick', action='store_true', help='fewer repetitions, nothing is compiled')
    parser.add_argument('--size', type=int, nargs=2, default=[736, 1280], help='height and width of clips for R-50')
    parser.add_argument('--steps', nargs='+', choices=STEPS, default=list(STEPS), help='some of the steps only')
    parser.add_argument(
        '--limit', type=float, help=f'total time limit in seconds; default: {LIMIT}, on a CPU {ON_CPU} times'
    )
    parser.add_argument('--step', choices=STEPS, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def slowness(device: str) -> int:
    """Factor of time limits."""
    return 1 if device.startswith('cuda') else ON_CPU


def run_step(name: str, arguments: argparse.Namespace, left: float) -> dict:
    """Results of one step in its own process, or its error."""
    command = [sys.executable, __file__, str(arguments.out), '--step', name, '--device', arguments.device]
    command += ['--size', *map(str, arguments.size), *(['--quick'] if arguments.quick else [])]
    start, seconds = time.time(), min(STEPS[name] * slowness(arguments.device), left)
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, cwd=ROOT)
        output, error = done.stdout, done.stderr.decode()[-3000:] if done.returncode else ''
    except subprocess.TimeoutExpired as late:
        output, error = late.stdout or b'', f'timed out after {seconds:.0f} s: {(late.stderr or b"").decode()[-2000:]}'
    lines = [line for line in output.splitlines() if line.startswith(b'{') and line.endswith(b'}')]
    found = json.loads(lines[-1]) if lines else dict(output=output.decode(errors='replace')[-1000:])
    if error or not lines:
        found['error'] = error or 'printed no results'
    return dict(found, wall_s=round(time.time() - start, 1))


def failures(name: str, found: object) -> list[str]:
    """Names of a step and of its parts that hold an error."""
    if not isinstance(found, dict):
        return []
    parts = [failed for key, value in found.items() for failed in failures(f'{name}/{key}', value)]
    return [name] * ('error' in found) + parts


def show(name: str, found: object, depth: int = 0) -> None:
    """Print nested results, a line each."""
    if isinstance(found, dict):
        print('  ' * depth + name)
        for key, value in found.items():
            show(str(key), value, depth + 1)
    else:
        print('  ' * depth + f'{name}: {found}')


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> int:
    """Entry point."""
    if arguments.step:
        load_openmmlab()
        import gpu_steps

        print(json.dumps(gpu_steps.STEPS[arguments.step](arguments)), flush=True)
        os._exit(0)  # freeing the device memory takes seconds
    started, results = time.time(), {}
    limit = arguments.limit or LIMIT * slowness(arguments.device)
    for name in arguments.steps:
        left = started + limit - time.time()
        if name in NOT_QUICK and arguments.quick:
            results[name] = dict(skipped='--quick')
        else:
            results[name] = (
                run_step(name, arguments, left) if left > 10 else dict(error=f'no time left of {limit:.0f} s')
            )
        arguments.out.write_text(json.dumps(results, indent=1) + '\n')
        show(name, results[name])
    failed = [part for name, found in results.items() for part in failures(name, found)]
    print(f'{time.time() - started:.0f} s for {len(results)} steps; failed: {", ".join(failed) or "nothing"}')
    return int(bool(failed))


if __name__ == '__main__':
    sys.exit(main())
