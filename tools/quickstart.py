"""Quick start: generate unseen videos, segment them with one shipped model by four recipes, print the metrics.

Writes into --out: metrics.json, and for every task mp4 videos and contact sheets of the first videos.

Example:
    python tools/quickstart.py
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gvseg.entry import entry_point
from gvseg.formats.files import write_text
from gvseg.moving_shapes import SplitSettings, generate_split
from gvseg.utils.arguments import whole_number
from gvseg.utils.errors import WorkDirError
from gvseg.utils.progress import ProgressBar
from gvseg.utils.work_dir import prepare_work_dir

if TYPE_CHECKING:
    from mmengine.config import Config

SPLIT = 'val'
CELLS = 4  # metrics per line of the table
SEED = 10_000  # training and validation videos have smaller seeds
TRAINING_KEYS = (
    'load_from',
    'train_dataloader',
    'train_cfg',
    'optim_wrapper',
    'param_scheduler',
    'auto_scale_lr',
    'val_dataloader',
    'val_cfg',
    'val_evaluator',
    'custom_hooks',
)


@dataclass(frozen=True)
class Entry:
    """One test run: a task, and for exemplar models the kind of exemplar."""

    task: str
    exemplar: str | None = None

    @property
    def name(self) -> str:
        """Name in files and in the table."""
        return f'{self.task}-{self.exemplar}' if self.exemplar else self.task


ENTRIES = (Entry('vis'), Entry('vss'), Entry('vps'), Entry('evs', 'mask'), Entry('evs', 'point'))


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', type=Path, default=Path('work_dirs/quickstart'), help='folder of the results')
    parser.add_argument('--weights', type=Path, default=Path('weights'), help='folder of the shipped weights')
    parser.add_argument('--single', action='store_true', help='a model of its own for each task (docs/general.md)')
    parser.add_argument('--videos', type=whole_number(1), default=12, help='videos to generate')
    parser.add_argument('--frames', type=whole_number(1), default=24, help='frames per video')
    parser.add_argument('--seed', type=whole_number(0), default=SEED, help='seed of the videos')
    parser.add_argument('--pictures', type=whole_number(0), default=2, help='videos to draw per task')
    return parser.parse_args(arguments)


def moved(node: Any, old: str, new: str) -> Any:
    """A copy of nested dicts and lists in which paths below ``old`` lie below ``new``."""
    if isinstance(node, dict):
        return {key: moved(value, old, new) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [moved(value, old, new) for value in node]
    return new + node[len(old) :] if isinstance(node, str) and node.startswith(old) else node


def adapt(config: Config, entry: Entry, data: Path, out: Path) -> Config:
    """Adapt a shipped config to a test on generated videos, with ground truth for drawing and few logs.

    Args:
        config: the shipped config; not modified.
        entry: what to run.
        data: root of the generated data.
        out: folder of logs.
    """
    from mmengine.config import Config

    content = {key: value for key, value in config.to_dict().items() if key not in TRAINING_KEYS}
    for key in ('test_dataloader', 'test_evaluator'):
        content[key] = moved(content[key], config.data_root.rstrip('/'), str(data))
    loader = content['test_dataloader']
    loader.update(num_workers=0, persistent_workers=False)
    loader['dataset']['pipeline'] = with_truth(loader['dataset']['pipeline'], entry.exemplar)
    content.update(
        work_dir=str(out / 'logs' / entry.name),
        experiment_name=f'quickstart-{entry.name}-{time.time_ns()}',
        visualizer=dict(type='GvSegVisualizer', name=f'quickstart-{entry.name}-{time.time_ns()}'),
        log_level='ERROR',
    )
    return Config(content)


def with_truth(steps: list[dict], exemplar: str | None) -> list[dict]:
    """Test pipeline that also loads annotations, with exemplars of one kind for EVS."""
    from mmdet.registry import TRANSFORMS

    from gvseg.utils.pipeline_roles import PipelineRole, role_of

    roles = [role_of(step, TRANSFORMS) for step in steps]
    if PipelineRole.LOAD_ANNOTATIONS not in roles:
        place = roles.index(PipelineRole.LOAD_FRAMES) + 1
        steps = [*steps[:place], dict(type='LoadClipAnnotations'), *steps[place:]]
    shows = PipelineRole.SHOW_OBJECTS
    return [dict(step, kinds=exemplar) if exemplar and role_of(step, TRANSFORMS) == shows else step for step in steps]


def evaluate(entry: Entry, model: tuple[Path, Path], data: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Test one model on the videos and draw the first ones.

    Returns:
        Metrics by name.
    """
    from mmengine.runner import Runner

    from gvseg.engine import ProgressBarHook, VideoVisualizationHook
    from gvseg.utils.checkpoint import check_fits, read_state
    from gvseg.utils.config import check_parts, load_config

    config_file, checkpoint = map(str, model)
    config = load_config(config_file, None if arguments.single else dict(recipe=entry.task))
    check_parts(config, config_file)
    weights = read_state(checkpoint)
    runner = Runner.from_cfg(adapt(config, entry, data, arguments.out))
    check_fits(runner.model, weights, checkpoint)
    runner.model.load_state_dict(weights, strict=False)
    runner.register_hook(ProgressBarHook(entry.name))
    runner.register_hook(
        VideoVisualizationHook(
            draw=arguments.pictures > 0,
            test_out_dir=str(arguments.out.resolve()),
            options=dict(videos=arguments.pictures, prefix=f'{entry.name}_'),
        )
    )
    return {name: float(value) for name, value in runner.test().items()}


def write_metrics(results: dict[str, dict[str, float]], path: Path) -> None:
    """Write the metrics of the finished tasks atomically.

    NaN (undefined metrics, such as VC16 of 12 frames) becomes null.
    """
    known = {
        task: {name: value if math.isfinite(value) else None for name, value in metrics.items()}
        for task, metrics in results.items()
    }
    write_text(path, json.dumps(known, indent=2) + '\n')


def table(results: dict[str, dict[str, float]]) -> str:
    """All metrics of all tasks in percent (metrics.json holds fractions); a dash for undefined values."""
    lines = ['', f'{"task":<12}' + f'{"metric":<14}{"percent":>7}    ' * CELLS, '-' * (12 + 25 * CELLS)]
    for task, metrics in results.items():
        cells = [
            f'{name.split("/", 1)[-1]:<14}{format(100 * value, ".2f") if value >= 0 else "-":>7}    '
            for name, value in metrics.items()
        ]
        for first in range(0, len(cells), CELLS):
            lines.append(f'{"" if first else task:<12}' + ''.join(cells[first : first + CELLS]).rstrip())
    return '\n'.join(lines)


def generate(arguments: argparse.Namespace) -> Path:
    """Generate the videos unless they exist; returns the root of the data.

    Raises:
        WorkDirError: The disk is full, or the folder is not writable.
    """
    data = arguments.out / 'data'
    settings = SplitSettings(SPLIT, arguments.videos, arguments.frames, arguments.seed)
    try:
        # One process: a video takes a third of a second, and forking after torch has started threads can hang.
        generate_split(data, settings, 1, ProgressBar('videos', arguments.videos).step)
    except OSError as error:
        raise WorkDirError(str(error)) from error
    return data


def run(arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Run all tasks; results of finished tasks are written and printed even if a later one fails."""
    from gvseg.apis import shipped_model
    from gvseg.apis.loading import general_model

    prepare_work_dir(str(arguments.out))
    weights = arguments.weights.absolute() if arguments.weights.exists() else arguments.weights
    models = {
        entry: shipped_model(entry.task, None, weights) if arguments.single else general_model(None, weights)
        for entry in ENTRIES
    }
    data, results = generate(arguments), {}
    try:
        for entry in ENTRIES:
            results[entry.name] = evaluate(entry, models[entry], data, arguments)
            write_metrics(results, arguments.out / 'metrics.json')
    except OSError as error:
        raise WorkDirError(
            f'Cannot write to {error.filename or arguments.out}: {error.strerror or error}. Free some '
            'space or choose another folder with --out.'
        ) from error
    finally:
        if results:
            print(f'{table(results)}\n\nscores:   {arguments.out / "metrics.json"}')
        if results and arguments.pictures:
            print(f'pictures: {arguments.out / "*.png"}\nvideos:   {arguments.out / "*.mp4"}')
    return results


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    start = time.time()
    run(arguments)
    print(f'{time.time() - start:.0f} s')


if __name__ == '__main__':
    sys.exit(main())
