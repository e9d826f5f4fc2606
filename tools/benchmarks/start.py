"""CPU seconds that commands take to start.

    python tools/benchmarks/start.py [--root CHECKOUT] [--all]

Each command runs in a process of its own; the least of a few turns is reported, user and system time together.
"""

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = (
    'tools/demo/video_demo.py',
    'tools/train.py',
    'tools/test.py',
    'tools/dataset_converters/coco.py',
    'tools/analysis_tools/explain_match.py',
)


def cpu_seconds(command: list[str], root: Path) -> float:
    """Seconds of one run.

    Raises:
        SystemExit: the command fails.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, 'PYTHONPATH': str(root)}
    done = subprocess.run([sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f'{" ".join(command)}: {done.stderr.strip()[-500:]}')
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--root', type=Path, default=ROOT, help='another checkout')
    parser.add_argument('--all', action='store_true', help='all tools with options instead of the usual ones')
    parser.add_argument('--rounds', type=int, default=2)
    arguments = parser.parse_args()
    scripts = SCRIPTS
    if arguments.all:
        found = (path for path in (arguments.root / 'tools').rglob('*.py') if 'entry_point' in path.read_text('utf-8'))
        scripts = sorted(str(path.relative_to(arguments.root)) for path in found)
    commands = [['-c', ''], ['-c', 'import gvseg.apis'], *([script, '--help'] for script in scripts)]
    for command in commands:
        least = min(cpu_seconds(command, arguments.root) for _ in range(arguments.rounds))
        print(f'{least:6.2f}  python {" ".join(command)}', flush=True)


if __name__ == '__main__':
    main()
