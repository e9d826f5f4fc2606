"""The command line of the converters."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gvseg.entry import readable_errors
from gvseg.formats.locks import folder_lock

from .common import Job


def run(
    description: str,
    convert: Callable[..., dict[str, Any]],
    add_options: Callable[[argparse.ArgumentParser], None] | None = None,
) -> None:
    """Read the command line, convert, print what was made.

    Args:
        description: docstring of the script; its first line is the summary.
        convert: takes a :class:`Job` and the script's own options, returns name -> number to print.
        add_options: adds the script's own options.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', type=Path, help='folder of the download')
    parser.add_argument('--out', type=Path, help='folder to write; default: the download itself')
    parser.add_argument('--jobs', type=int, default=4, help='processes')
    parser.add_argument(
        '--allow-partial',
        action='store_true',
        help='continue where videos are missing or counts differ from the published ones',
    )
    parser.add_argument(
        '--link',
        choices=('hard', 'copy', 'symlink'),
        default='hard',
        help='how files are put into --out; hard links need no space',
    )
    parser.add_argument(
        '--verify', action='store_true', help='decode every image and map once, and check the values of maps'
    )
    if add_options is not None:
        add_options(parser)
    options = vars(parser.parse_args())
    source = options.pop('source')
    out = options.pop('out') or source
    job = Job(source, out, **{name: options.pop(name) for name in ('jobs', 'allow_partial', 'link', 'verify')})
    with readable_errors(), folder_lock(out):
        made = convert(job, **options)
    print(f'{out}: ' + ', '.join(f'{name} {number:,}' for name, number in made.items()))
