"""Mutates small videos and requests to the web page, each read in a process of its own: bad input ends in one line.

Example:
    python tools/analysis_tools/fuzz_videos.py --count 300 --seed 0
"""
import argparse
import multiprocessing
import random
import resource
import sys
import tempfile
import warnings
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import gvseg.quiet_imports  # noqa: F401  (first: mmdet without the noise)
from fuzz_targets_media import MEDIA_TARGETS, Target
from gvseg.utils.errors import is_input_error

SECONDS, MEGABYTES = 30, 3000  # for one input, in addition to the memory that the process has already


@dataclass
class Counts:
    """How mutated inputs ended.

    Attributes:
        tried: all of them.
        read: in whole or in part.
        refused: with one line.
        bad: (name of the input, what happened): another error, a dead process, too slow or too much memory.
    """
    tried: int = 0
    read: int = 0
    refused: int = 0
    bad: list[tuple[str, str]] = field(default_factory=list)

    @property
    def clear(self) -> int:
        """Inputs with a clear end."""
        return self.read + self.refused

    def add(self, name: str, verdict: str) -> None:
        """Count 'read', 'refused', or a description of what is bad."""
        self.tried += 1
        self.read += verdict == 'read'
        self.refused += verdict == 'refused'
        if verdict not in ('read', 'refused'):
            self.bad.append((name, verdict))


def in_child(target: Target, path: Path) -> str:
    """The verdict on an input, read in a process of its own, of bounded time and memory."""
    context = multiprocessing.get_context('fork')
    ours, theirs = context.Pipe(False)
    child = context.Process(target=_answer, args=(target, path, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(SECONDS) else f'no answer in {SECONDS} s'
    except EOFError:
        child.join()
        return f'the process died ({child.exitcode})'
    finally:
        child.kill()
        child.join()


def _answer(target: Target, path: Path, end: Connection) -> None:
    """The child's side of :func:`in_child`."""
    status = Path('/proc/self/statm')
    if status.exists():
        limit = int(status.read_text().split()[0]) * resource.getpagesize() + MEGABYTES * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    warnings.simplefilter('ignore')
    try:
        target[2](path)
        end.send('read')
    except BaseException as error:  # whatever it is, it is what the test looks for
        is_clear = is_input_error(error) and '\n' not in str(error)
        end.send('refused' if is_clear else f'{type(error).__name__}: {error}'[:300])


def fuzz(names: list[str], count: int, seed: int, folder: Path) -> dict[str, Counts]:
    """Read mutated inputs of some targets; those with a bad end stay in the folder.

    Args:
        names: keys of ``MEDIA_TARGETS``.
        count: inputs in all; the first of each target is the good one.
        seed: equal seeds make equal inputs.
        folder: for the inputs.

    Returns:
        By name of the target.
    """
    found = {name: Counts() for name in names}
    good = {name: next(iter(MEDIA_TARGETS[name][0]().items())) for name in names}
    for index in range(count):
        name = names[index % len(names)]
        (file, data), number = good[name], index // len(names)
        rng = random.Random(f'{seed} {name} {number}')
        path = folder / f'{name}-{seed}-{number}{Path(file).suffix}'
        path.write_bytes(rng.choice(MEDIA_TARGETS[name][1])(rng, data) if number else data)
        verdict = in_child(MEDIA_TARGETS[name], path)
        if not number and verdict != 'read':
            verdict = f'the good input is not read: {verdict}'
        found[name].add(path.name, verdict)
        if verdict in ('read', 'refused'):
            path.unlink()
    return found


def main(options: list[str] | None = None) -> int:
    """Command line; exit status 1 where an input has a bad end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--targets', nargs='+', choices=sorted(MEDIA_TARGETS), default=sorted(MEDIA_TARGETS))
    parser.add_argument('--count', type=int, default=300, help='inputs in all')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--keep', type=Path, help='folder for the inputs with a bad end')
    arguments = parser.parse_args(options)
    with tempfile.TemporaryDirectory(prefix='gvseg-fuzz-') as scratch:
        folder = arguments.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        found = fuzz(arguments.targets, arguments.count, arguments.seed, folder)
    print(f'{"target":<12}{"tried":>7}{"clear":>7}{"read":>7}{"refused":>9}{"bad":>5}')
    for name, counts in found.items():
        print(f'{name:<12}{counts.tried:>7}{counts.clear:>7}{counts.read:>7}{counts.refused:>9}{len(counts.bad):>5}')
        for place, verdict in counts.bad:
            print(f'    {place}: {verdict}')
    bad = sum(len(counts.bad) for counts in found.values())
    print(f'{"all":<12}{arguments.count:>7}{arguments.count - bad:>7}{"":>16}{bad:>5}')
    return int(bad > 0)


if __name__ == '__main__':
    sys.exit(main())
