"""Make the weights that are shipped from a training checkpoint: half precision, no optimizer, a model card beside them.

    python tools/model_converters/publish_model.py CONFIG work_dirs/vis/iter_4000.pth weights/gvseg-vis_tiny_moving-shapes.pth

The card (same name, ``.md``) holds what the checkpoint and the config know: config, iterations, size, versions. Scores are
added by ``--metrics metrics.json``, a file that ``tools/test.py --out`` or the quickstart has written.
"""
import argparse
import hashlib
import json
import sys
from pathlib import Path

import torch

import gvseg
from gvseg.utils.checkpoint import read_state
from gvseg.utils.errors import CheckpointError

CARD = """# {name}

| | |
|---|---|
| config | `{config}` |
| trained for | {iterations} iterations, {videos} videos an iteration |
| parameters | {parameters:,} |
| file | {size:.2f} MB, half precision, SHA-256 `{digest}` |
| made with | gvseg {version}, torch {torch} |

Made by

    python tools/train.py {config}
    python tools/model_converters/publish_model.py {config} CHECKPOINT {path}

{scores}
"""


def half(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """All floating tensors in half precision.

    Raises:
        ValueError: a value is too large for it.
    """
    small = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    broken = [name for name, value in small.items() if value.is_floating_point() and not bool(value.isfinite().all())]
    if broken:
        raise ValueError(f'{broken[0]} does not fit half precision')
    return small


def scores_text(path: Path | None) -> str:
    """The scores as a list, or a sentence that there are none."""
    if path is None:
        return 'Scores: see the README.'
    scores = json.loads(path.read_text())
    return 'Scores:\n\n' + '\n'.join(f'* {name}: {value}' for name, value in scores.items())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=Path)
    parser.add_argument('checkpoint', type=Path)
    parser.add_argument('target', type=Path)
    parser.add_argument('--metrics', type=Path)
    args = parser.parse_args()
    try:
        checkpoint = torch.load(args.checkpoint, map_location='cpu', weights_only=False) \
            if args.checkpoint.exists() else None
        state = half(read_state(str(args.checkpoint)))
        scores = scores_text(args.metrics)
    except (CheckpointError, OSError, ValueError) as error:
        sys.exit(f'error: {error}')
    meta = (checkpoint or {}).get('meta', {})
    args.target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(state_dict=state, meta=dict(config=str(args.config), iter=meta.get('iter', 0))), args.target)
    from mmengine.config import Config
    config = Config.fromfile(args.config)
    content = args.target.read_bytes()
    args.target.with_suffix('.md').write_text(CARD.format(
        name=args.target.stem, config=args.config, iterations=meta.get('iter', 'unknown'),
        videos=config.train_dataloader.batch_size, parameters=sum(value.numel() for value in state.values()),
        size=len(content) / 1e6, digest=hashlib.sha256(content).hexdigest()[:16], version=gvseg.__version__,
        torch=torch.__version__.split('+')[0], path=args.target, scores=scores))
    print(f'{args.target}: {len(content) / 1e6:.2f} MB')


if __name__ == '__main__':
    main()
