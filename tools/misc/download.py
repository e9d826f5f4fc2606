"""Copy shipped weights and their flattened config to a folder, as ``mim download`` does for hosted weights.

python tools/misc/download.py gvseg-vps_tiny_1xb2-8k_moving-shapes --dest checkpoints
mim run gvseg download gvseg-vps_tiny_1xb2-8k_moving-shapes --dest checkpoints
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from gvseg.entry import entry_point
from gvseg.utils.errors import CheckpointError
from gvseg.utils.shipped import home, local_path
from gvseg.utils.work_dir import prepare_work_dir


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line; ``--dest`` is mim's."""
    parser = argparse.ArgumentParser(description='Copy shipped weights and their configs to a folder')
    parser.add_argument('names', nargs='+', metavar='NAME', help='names of configs, as "mim search gvseg" lists them')
    parser.add_argument('--dest', default='.', help='target folder; default: the current one')
    return parser.parse_args(arguments)


def shipped() -> dict[str, dict]:
    """Entries of the metafiles that have weights, by name."""
    index = yaml.safe_load((home() / 'model-index.yml').read_text(encoding='utf-8'))
    entries = [
        model
        for path in index['Import']
        for model in yaml.safe_load((home() / path).read_text(encoding='utf-8'))['Models']
    ]
    return {model['Name']: model for model in entries if 'Weights' in model}


def download(names: list[str], folder: str) -> list[Path]:
    """Copy weights and write flattened configs.

    Returns:
        Paths of the weights.

    Raises:
        CheckpointError: No weights are shipped for a name.
        WorkDirError: The folder cannot be written.
    """
    from gvseg.utils.config import load_config

    known = shipped()
    for name in set(names) - set(known):
        raise CheckpointError(f'No weights are shipped for {name}; there are some for {", ".join(sorted(known))}.')
    prepare_work_dir(folder)
    files = []
    for name in names:
        weights = Path(local_path(known[name]['Weights']))
        files.append(Path(shutil.copy(weights, folder)))
        load_config(str(home() / known[name]['Config'])).dump(str(Path(folder) / f'{name}.py'))
    return files


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    for file in download(arguments.names, arguments.dest):
        print(f'written: {file} and its config')


if __name__ == '__main__':
    sys.exit(main())
