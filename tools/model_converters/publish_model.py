"""Convert a training checkpoint to published weights: half precision, no optimizer, with a model card.

    python tools/model_converters/publish_model.py CONFIG work_dirs/vis/iter_4000.pth weights/NAME.pth

The queue of the contrastive loss is only needed in training and is removed. The card (same name, ``.md``) has the facts
of the checkpoint and the config; ``--note`` adds a line, for scores.
"""

import argparse
import hashlib
import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from gvseg.entry import entry_point
from gvseg.formats.files import write_bytes, write_text
from gvseg.utils.errors import CheckpointError, InputError
from gvseg.version import __version__

TRAINING_ONLY = re.compile(r'track_head\.(recipes\.\w+\.)?contrastive\.')
CARD = """# {name}

| | |
|---|---|
| config | `{config}` |
| trained for | {iterations} iterations, {videos} videos an iteration, from {start} |
| parameters | {parameters:,} |
| file | {size:.2f} MB, half precision, SHA-256 starts with `{digest}` |
| made with | gvseg {version}, torch {torch} |

{note}

Made by

{commands}
    python tools/model_converters/publish_model.py {config} CHECKPOINT {path}
"""


def stages(config_path: Path) -> list[Path]:
    """Configs to train in sequence, this one last; each starts from ``work_dirs/NAME/...`` of the previous one."""
    from mmengine.config import Config

    start = Config.fromfile(config_path).get('load_from')
    before = sorted(config_path.parents[1].glob(f'*/{Path(start).parent.name}.py')) if start else []
    return [*(stage for path in before for stage in stages(path)), config_path]


def publish(checkpoint: str, target: Path, config_path: Path) -> dict:
    """Write the published file; returns the facts for the card.

    Raises:
        CheckpointError: The checkpoint cannot be used, or a value is too large for half precision.
    """
    import torch

    from gvseg.utils.checkpoint import read_meta, read_state

    meta = read_meta(checkpoint)
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in read_state(checkpoint).items()
        if not TRAINING_ONLY.match(name)
    }
    broken = [name for name, value in state.items() if value.is_floating_point() and not bool(value.isfinite().all())]
    if broken:
        raise CheckpointError(f'{checkpoint}: {broken[0]} does not fit half precision')
    kept = dict(config=str(config_path), iter=meta.get('iter'), dataset_meta=meta.get('dataset_meta'))
    buffer = io.BytesIO()
    torch.save(dict(state_dict=state, meta=kept), buffer)
    write_bytes(target, buffer.getvalue())  # atomic
    return dict(iterations=meta.get('iter'), parameters=sum(value.numel() for value in state.values()))


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=Path)
    parser.add_argument('checkpoint')
    parser.add_argument('target', type=Path)
    parser.add_argument('--note', default='Scores: see the README.')
    return parser.parse_args(arguments)


def card_text(args: argparse.Namespace, facts: dict) -> str:
    """The model card of a published file.

    Args:
        args: command line.
        facts: result of :func:`publish`.
    """
    import torch
    from mmengine.config import Config

    config, content = Config.fromfile(args.config), args.target.read_bytes()
    earlier, start = stages(args.config)[:-1], config.model.backbone.get('init_cfg')
    start = 'ImageNet weights' if start and start.get('checkpoint') else 'random weights'
    first = Config.fromfile(earlier[0]) if earlier else config
    if first.get('load_from'):
        start = f'`{first.load_from}` (see the config)'
    if earlier:
        start = f'the last of {earlier[-1].stem}, that from {start}'
    return CARD.format(
        name=args.target.stem,
        config=args.config,
        videos=config.train_dataloader.batch_size,
        note=args.note,
        start=start,
        path=args.target,
        commands='\n'.join(f'    python tools/train.py {path}' for path in (*earlier, args.config)),
        size=len(content) / 1e6,
        digest=hashlib.sha256(content).hexdigest()[:16],
        version=__version__,
        torch=torch.__version__.split('+')[0],
        **facts,
    )


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    try:
        facts = publish(arguments.checkpoint, arguments.target, arguments.config)
        write_text(arguments.target.with_suffix('.md'), card_text(arguments, facts))
    except OSError as error:
        raise InputError(str(error)) from error
    print(f'{arguments.target}: {arguments.target.stat().st_size / 1e6:.2f} MB')


if __name__ == '__main__':
    sys.exit(main())
