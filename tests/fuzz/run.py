"""Damage good files and read them: every input must be read or refused in one line, whatever is in it.

    python -m tests.fuzz.run          # 2,000 inputs over all readers
    python -m tests.fuzz.run --targets coco yolo --inputs 500 --seed 7 --keep bad_inputs

Inputs come from (seed, reader, number), so a finding can be made again. They are read in a process of their own: one
that dies, hangs or takes too much memory is a finding too. Prints, for every reader, how many were tried, how many got
a clear answer (read, or one line of bad input) and how many did not; exit status 1 where one did not. ``--keep FOLDER``
keeps those inputs. Readers are listed in ``targets*.py``; each is one row of a table.
"""

import argparse
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
import zlib
from collections import Counter, defaultdict
from multiprocessing.connection import Connection
from pathlib import Path

from gvseg.formats.errors import is_input_error
from tests.fuzz.targets import TARGETS, Target

SECONDS = 20  # for one input
MEMORY = 6 * 2**30  # bytes of address space
MAX_LINE = 2000  # characters of a clear line


def verdict_of(target: Target, path: Path) -> str:
    """'read', 'refused', or where it went wrong, a tab and the message."""
    try:
        target.read(path)
    except Exception as error:
        if not is_input_error(error):
            place = traceback.extract_tb(error.__traceback__)[-1]
            return f'{type(error).__name__} in {Path(place.filename).name}:{place.lineno}\t{str(error)[:120]}'
        lines = str(error).splitlines()
        return 'refused' if len(lines) == 1 and len(lines[0]) <= MAX_LINE else f'not one line\t{str(error)[:120]!r}'
    return 'read'


def serve(target: Target, pipe: Connection) -> None:
    """Read the files whose paths come through the pipe; the verdicts go back."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter('ignore')
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # of C libraries too
        os.dup2(nowhere, stream)
    while True:
        path = pipe.recv()
        if path is None:
            return
        pipe.send(verdict_of(target, path))


class Reader:
    """A process that reads; made anew where it died."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.process: multiprocessing.Process | None = None
        self.pipe: Connection | None = None

    def verdict(self, path: Path) -> str:
        """As :func:`verdict_of`, or how the process ended."""
        if self.process is None:
            self.pipe, other = multiprocessing.Pipe()
            self.process = multiprocessing.get_context('fork').Process(target=serve, args=(self.target, other))
            self.process.start()
            other.close()
        self.pipe.send(path)
        try:
            if self.pipe.poll(SECONDS):
                return self.pipe.recv()
            ending = f'no answer in {SECONDS} s'
        except (EOFError, ConnectionError):
            self.process.join()
            ending = f'the process died ({self.process.exitcode})'
        self.process.kill()
        self.process.join()
        self.process = None
        return ending

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.pipe.send(None)
            self.process.join()


def damaged(name: str, target: Target, number: int, seed: int, data: bytes) -> bytes:
    """Input ``number`` of a reader; 0 is the good file."""
    if number == 0:
        return data
    rng = random.Random(f'{seed} {name} {number}')
    for _ in range(20):
        changed = rng.choice(target.damage)(rng, data)
        if changed != data:
            return changed
    return data


def fuzz(
    name: str, target: Target, inputs: int, seed: int, folder: Path, keep: Path | None = None
) -> dict[str, list[str]]:
    """Read ``inputs`` inputs of one reader.

    Returns:
        Verdict -> the messages of the inputs that got it.
    """
    files = target.files()
    for file, data in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(data)
    damaged_file, good = next(iter(files.items()))
    reader, verdicts = Reader(target), defaultdict(list)
    for number in range(inputs):
        data = damaged(name, target, number, seed, good)
        (folder / damaged_file).write_bytes(data)
        verdict, _, message = reader.verdict(folder / damaged_file).partition('\t')
        if number == 0 and verdict != 'read':
            verdict = f'the good file is not read: {verdict}'
        verdicts[verdict].append(message)
        if keep is not None and verdict not in ('read', 'refused'):
            kept = keep / f'{name}_{seed}_{number}_{zlib.crc32(data):08x}{Path(damaged_file).suffix}'
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / damaged_file, kept)
    reader.close()
    return verdicts


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 1 where an input got no clear answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    from tests.fuzz.targets_data import DATA_TARGETS  # here, since torch takes its time
    from tests.fuzz.targets_media import MEDIA_TARGETS

    targets = {**TARGETS, **DATA_TARGETS, **MEDIA_TARGETS}
    parser.add_argument(
        '--targets',
        nargs='+',
        choices=sorted(targets),
        default=sorted(targets),
        metavar='READER',
        help=f'some of {", ".join(sorted(targets))}',
    )
    parser.add_argument('--inputs', type=int, default=2000, help='in all, shared by the readers')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--keep', type=Path, help='folder for inputs without a clear answer')
    options = parser.parse_args(arguments)
    each = -(-options.inputs // len(options.targets))
    totals: Counter = Counter()
    print(f'{"reader":<20}{"tried":>7}{"clear":>7}{"read":>7}{"refused":>9}{"bad":>5}')
    for name in options.targets:
        with tempfile.TemporaryDirectory() as folder:
            verdicts = fuzz(name, targets[name], each, options.seed, Path(folder), options.keep)
        read, refused = (len(verdicts.pop(verdict, ())) for verdict in ('read', 'refused'))
        counts = dict(tried=each, read=read, refused=refused, bad=each - read - refused)
        totals.update(counts)
        clear = each - counts['bad']
        print(f'{name:<20}{each:>7}{clear:>7}{counts["read"]:>7}{counts["refused"]:>9}{counts["bad"]:>5}', flush=True)
        for verdict, messages in verdicts.items():
            print(f'    {len(messages)} x {verdict}: {messages[0]}')
    print(
        f'{"all":<20}{totals["tried"]:>7}{totals["tried"] - totals["bad"]:>7}{totals["read"]:>7}'
        f'{totals["refused"]:>9}{totals["bad"]:>5}'
    )
    return int(totals['bad'] > 0)


if __name__ == '__main__':
    sys.exit(main())
