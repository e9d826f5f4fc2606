"""Inspect a folder of annotated videos and write a config for it.

    python tools/misc/new_dataset.py data/mine/train --val data/mine/val --out configs/my/mine.py
    mim run gvseg new_dataset data/mine/train --val data/mine/val --model r50 --out mine.py

Detects the layout (one of the four in docs/custom_dataset.md), the classes and the frame sizes, and adapts the shipped
config of the task. The new config also works outside a checkout.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gvseg.apis.new_config import SIZES, config_text
from gvseg.entry import entry_point
from gvseg.formats.errors import InputError
from gvseg.formats.layouts import Layout, find_layout
from gvseg.utils.work_dir import prepare_work_dir


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description='Write a config for custom annotated videos')
    parser.add_argument('data', type=Path, help='folder of the training videos, or their annotation file')
    parser.add_argument('--val', type=Path, help='the same for validation; default: the val split of DATA, or DATA')
    parser.add_argument(
        '--model',
        choices=SIZES,
        default='mobilenet-v2',
        help='tiny: from random weights on a CPU; mobilenet-v2 (default): real video on a CPU; others: GPUs',
    )
    parser.add_argument('--out', type=Path, required=True, help='path of the config to write')
    parser.add_argument('--force', action='store_true', help='overwrite an existing file')
    return parser.parse_args(arguments)


def summary(name: str, found: Layout) -> str:
    """One-line summary of the layout."""
    things = f' ({found.num_things} of things)' if found.task == 'vps' else ''
    shown = ', '.join(found.classes[:8]) + (', ...' if len(found.classes) > 8 else '')
    return (
        f"{name}: {found.root} has {found.dataset['type']}'s layout: {found.videos} videos of {found.shortest} or "
        f'more frames, {found.frames} in all, {found.size[0]} x {found.size[1]}, {len(found.classes)} '
        f'classes{things}: {shown}'
    )


def compare(train: Layout, val: Layout) -> None:
    """Check that both have the same task and classes.

    Raises:
        InputError: They differ in task or classes.
    """
    if (train.task, train.classes) != (val.task, val.classes) and 'metainfo' not in train.dataset:
        raise InputError(
            f'has the classes {list(val.classes)} ({val.task}), {train.root} has {list(train.classes)} ({train.task})',
            val.root,
            cure='both files need the same list of categories',
        )


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from gvseg.utils.config import check_parts, load_config

    if arguments.out.exists() and not arguments.force:
        raise InputError('exists', arguments.out, cure='choose another name or add --force')
    train, val = find_layout(arguments.data), find_layout(arguments.val or arguments.data, 'val')
    print(f'{summary("training", train)}\n{summary("validation", val)}')
    compare(train, val)
    for note in train.notes:
        print(f'note: {note}', file=sys.stderr)
    if train.root == val.root and train.dataset == val.dataset:
        print(
            'note: there are no videos of their own for validation, so scores will be those of the training '
            'videos; --val names others.',
            file=sys.stderr,
        )
    prepare_work_dir(str(arguments.out.absolute().parent))
    arguments.out.write_text(config_text(train, val, arguments.model), encoding='utf-8')
    check_parts(load_config(str(arguments.out)), str(arguments.out))
    print(
        f'written: {arguments.out}\nlook at it, then:\n  python tools/analysis_tools/browse_dataset.py '
        f'{arguments.out}\n  python tools/train.py {arguments.out}'
    )


if __name__ == '__main__':
    sys.exit(main())
