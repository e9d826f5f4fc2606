"""Start a general model from the weights of a model of one task.

Example:
    python tools/model_converters/single_to_general.py \\
        configs/general/gvseg-general_tiny_1xb2-8k_moving-shapes-first.py \\
        weights/gvseg-vps_tiny_moving-shapes.pth work_dirs/gvseg-general_tiny_start.pth --recipe vps
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gvseg.entry import entry_point


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config of the general model')
    parser.add_argument('checkpoint', help='weights of a model of one task')
    parser.add_argument('out', type=Path, help='file to write')
    parser.add_argument('--recipe', required=True, help='recipe of the task')
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    import torch

    from gvseg.apis.general_start import start_general
    from gvseg.utils.checkpoint import read_state
    from gvseg.utils.config import load_config

    config = load_config(arguments.config, dict(recipe=arguments.recipe))
    state, lines = start_general(config, arguments.recipe, read_state(arguments.checkpoint), arguments.checkpoint)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(state_dict=state, meta=dict(started_from=Path(arguments.checkpoint).name)), arguments.out)
    print('\n'.join([*lines, f'written: {arguments.out}']))


if __name__ == '__main__':
    sys.exit(main())
