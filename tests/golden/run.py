"""Losses of three steps and one prediction of every task's tiny model on fixed data; the numbers guard refactors.

python -m tests.golden.run --update      # after a change that is meant to change them
"""

import argparse
import json
from pathlib import Path

import torch
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from mmengine.config import Config
from mmengine.registry import DefaultScope

from tests.models.samples import SIZE, clip_sample, pixels
from tests.shrinking import shrink

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name('losses.json')
CONFIGS = dict(
    vis='vis/gvseg-vis_tiny_1xb2-4k_moving-shapes.py',
    vss='vss/gvseg-vss_tiny_1xb2-3k_moving-shapes.py',
    vps='vps/gvseg-vps_tiny_1xb2-8k_moving-shapes.py',
    evs='evs/gvseg-evs_tiny_1xb2-2k5_moving-shapes.py',
    vps_baseline='ablation/gvseg-vps_tiny_1xb2-short_moving-shapes_4a-baseline.py',
    vps_r50='vps/gvseg-vps_r50_8xb2-10k_vipseg.py',
)
STEPS = 3


def _clip(start: int, frames: int, **kwargs) -> TrackDataSample:
    return clip_sample('video', list(range(start, start + frames)), 99, exemplars=True, **kwargs)


def run(task: str) -> dict[str, list[float] | float]:
    """Every loss at every step, and means of what is predicted afterwards for a clip."""
    config = shrink(Config.fromfile(ROOT / 'configs' / CONFIGS[task]))
    head = config.model.track_head
    kwargs = dict(label=0) if head.num_classes == 1 else {}
    torch.manual_seed(0)
    model = MODELS.build(config.model).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    found: dict[str, list[float] | float] = {}
    for step in range(STEPS):
        clips = [_clip(3 * step, head.num_frames, **kwargs), _clip(20 + step, head.num_frames, **kwargs)]
        sample = TrackDataSample(video_data_samples=[frame for clip in clips for frame in clip.video_data_samples])
        losses = model.loss(pixels(2, head.num_frames, seed=step).view(1, -1, 3, *SIZE), [sample])
        for name, value in losses.items():
            found.setdefault(name, []).append(float(f'{float(value.detach()):.7g}'))
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
    with torch.no_grad():
        clips = model.eval().track_head.clip_batch(pixels(1)[0], [_clip(0, 3, **kwargs)], with_targets=False)
        prediction = model.predict_clip(pixels(1)[0], clips)
    for name in ('probabilities', 'masks', 'embeddings', 'descriptors'):
        value = getattr(prediction, name).double()
        found[f'predicted {name}'] = float(
            (value * torch.linspace(0, 1, len(value)).view(-1, *[1] * (value.dim() - 1))).abs().mean()
        )
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--update', action='store_true', help='write the numbers')
    args = parser.parse_args()
    torch.set_num_threads(1)
    with DefaultScope.overwrite_default_scope('mmdet'):
        found = {task: run(task) for task in CONFIGS}
    text = json.dumps(found, indent=1) + '\n'
    if args.update:
        FILE.write_text(text)
    else:
        print(text)


if __name__ == '__main__':
    main()
