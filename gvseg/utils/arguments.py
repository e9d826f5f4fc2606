"""Types of command line arguments, for argparse."""

import argparse
import math
from collections.abc import Callable
from typing import Any


def whole_number(least: int) -> Callable[[str], int]:
    """Type of whole numbers of at least ``least``."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f'{text[:20]!r} is not a whole number of at least {least}')
        return value

    return parse


def positive_number(text: str) -> float:
    """A finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f'{text[:20]!r} is not a number above 0')
    return value


def part(text: str) -> tuple[int, int]:
    """``3/8``: the third of eight parts."""
    index, _, count = text.partition('/')
    if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f'{text[:20]!r} is not I/N with I from 1 to N, for example 3/8')
    return int(index), int(count)


class ConfigOptions(argparse.Action):
    """mmengine's ``DictAction``, imported only where the option is given."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *given: Any) -> None:
        from mmengine.config import DictAction

        DictAction(self.option_strings, self.dest, nargs=self.nargs)(parser, namespace, *given)


def add_config_options(parser: argparse.ArgumentParser, name: str = '--cfg-options', help: str | None = None) -> None:
    """Add an option that parses ``key=value`` into a dict, as the OpenMMLab tools' ``--cfg-options``."""
    parser.add_argument(
        name,
        nargs='+',
        action=ConfigOptions,
        metavar='KEY=VALUE',
        help=help or 'override settings of the config; nested keys with dots, lists as key="[a,b]"',
    )
