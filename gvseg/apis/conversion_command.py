"""The command line of the converters of public weights.

Torch and mmdet are imported by the conversion itself (:mod:`gvseg.apis.weight_conversion`).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from gvseg.entry import entry_point

from .named_classes import CLASS_LISTS


def run_converter(dialect: str, description: str, arguments: Sequence[str] | None = None) -> int:
    """Read the command line, convert, write the checkpoint and print the report.

    Args:
        dialect: naming scheme of the file, a key of :data:`gvseg.utils.weight_conversion.DIALECTS`.
        description: the script's docstring.
        arguments: command line; ``None``: that of the process.

    Returns:
        Exit status.
    """

    def parse(given: Sequence[str] | None) -> argparse.Namespace:
        return parse_arguments(description, given)

    @entry_point(parse)
    def convert(options: argparse.Namespace) -> None:
        import torch

        from .weight_conversion import convert_file

        checkpoint, report = convert_file(
            options.source, options.config, dialect, options.source_classes, options.trust_source
        )
        options.out.parent.mkdir(parents=True, exist_ok=True)
        torch.save(checkpoint, options.out)
        print('\n'.join([*report.lines(), f'written: {options.out}']))

    return convert(arguments)


def parse_arguments(description: str, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line of a converter."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='the file or folder that was downloaded')
    parser.add_argument('config', help='config of the model that is to start from it')
    parser.add_argument('out', type=Path, help='checkpoint to write')
    parser.add_argument(
        '--source-classes',
        choices=sorted(CLASS_LISTS),
        help='class list of the file, where neither the file nor the number of classes determines it',
    )
    parser.add_argument(
        '--trust-source',
        action='store_true',
        help='let the file run code while it loads: only if you trust where it comes from',
    )
    return parser.parse_args(arguments)
