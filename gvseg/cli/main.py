"""The console command ``gvseg``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial

from gvseg.entry import entry_point
from gvseg.version import __version__

DESCRIPTION = """General video segmentation.

commands:
    gvseg segment VIDEO --task evs --points 0:200,110    segment a video, a folder of videos or a camera
    gvseg evaluate davis --gt DATA --pred RESULTS        score saved results with a benchmark's own rules
    gvseg demo                                           generate a video and segment it with a shipped model

"gvseg COMMAND --help" lists the options of a command. Training and testing: tools/train.py and tools/test.py, or
"mim train gvseg CONFIG" and "mim test gvseg CONFIG".
"""


def segment(arguments: Sequence[str]) -> int:
    """``gvseg segment``."""
    from .segment_options import parse_arguments

    @entry_point(partial(parse_arguments, command='gvseg segment'))
    def run(options: argparse.Namespace) -> int:
        from .segment import segment

        return segment(options)

    return run(arguments)


def evaluate(arguments: Sequence[str]) -> int:
    """``gvseg evaluate``."""
    from .evaluate import main

    return main(arguments, command='gvseg evaluate')


def demo(arguments: Sequence[str]) -> int:
    """``gvseg demo``."""
    from .demo import main

    return main(arguments)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = dict(segment=segment, evaluate=evaluate, demo=demo)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in COMMANDS:
        return COMMANDS[given[0]](given[1:])
    parser = argparse.ArgumentParser(
        prog='gvseg', description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--version', action='version', version=f'gvseg {__version__}')
    parser.add_argument('command', choices=COMMANDS, help='what to do')
    parser.parse_args(given or ['--help'])
    return 0


if __name__ == '__main__':
    sys.exit(main())
