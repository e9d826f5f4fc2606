"""A day of an OpenMMLab user with GvSeg, from own data to pictures of what went wrong. Runs on either line of packages:

    python tests/openmmlab_day.py            # in a temporary folder, on a CPU, a few iterations; a minute or two

mmdet's own tools are used wherever they work. Exit status 0 and a last line "the day is done" when all went well.
"""

import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOADERS = [
    f'{part}_dataloader.{option}'
    for part in ('train', 'val', 'test')
    for option in ('num_workers=0', 'persistent_workers=False')
]
SHORT = [
    'train_cfg.max_iters=2',
    'train_cfg.val_interval=2',
    'default_hooks.checkpoint.interval=2',
    'default_hooks.logger.interval=1',
]
SHIPPED = ROOT / 'configs/vis/gvseg-vis_tiny_1xb2-8k_moving-shapes-small.py'


def step(name: str) -> None:
    """Say what comes next."""
    print(f'\n== {name}', flush=True)


def program(path: Path, *arguments: object) -> None:
    """Run a tool in a process of its own; its end with an error ends the day."""
    subprocess.run([sys.executable, str(path), *map(str, arguments)], check=True)


def tool(path: Path, *arguments: object) -> None:
    """Run a tool in this process, which has its libraries loaded already; its end with an error ends the day."""
    sys.argv = [str(path), *map(str, arguments)]
    try:
        runpy.run_path(str(path), run_name='__main__')
    except SystemExit as end:
        if end.code:
            raise


def overrides(data: Path) -> list[str]:
    """Options that point the shipped VIS config to generated data."""
    return [
        f'train_dataloader.dataset.data_root={data / "train/ytvis"}',
        *(f'{part}_dataloader.dataset.data_root={data / "val/ytvis"}' for part in ('val', 'test')),
        *(f'{part}_evaluator.ann_file={data / "val/ytvis/instances.json"}' for part in ('val', 'test')),
    ]


def own_data(folder: Path) -> Path:
    """A config for data of one's own, looked at and trained."""
    step('videos, and a config for them')
    for split in ('train', 'val'):
        tool(
            ROOT / 'tools/dataset_converters/moving_shapes.py',
            '--out',
            'data',
            '--split',
            split,
            '--videos',
            2,
            '--frames',
            5,
        )
    tool(
        ROOT / 'tools/misc/new_dataset.py',
        'data/train/ytvis',
        '--val',
        'data/val/ytvis',
        '--model',
        'tiny',
        '--out',
        'mine.py',
    )
    with (folder / 'mine.py').open('a') as file:  # as users do: their own imports take nothing away
        file.write("custom_imports = dict(imports=['json'])\n")
    step('look at the data')
    tool(ROOT / 'tools/analysis_tools/browse_dataset.py', 'mine.py', '--items', 1, '--out', 'browse')
    step('train, stop, resume')
    program(ROOT / 'tools/train.py', 'mine.py', '--cfg-options', *SHORT, *LOADERS)
    program(
        ROOT / 'tools/train.py',
        'mine.py',
        '--resume',
        '--cfg-options',
        *SHORT,
        *LOADERS,
        'train_cfg.max_iters=3',
        'train_cfg.val_interval=3',
    )
    return folder / 'work_dirs/mine/iter_3.pth'


def mmdet_tools(data: Path) -> None:
    """mmdet's own tools on a shipped config."""
    import mmdet

    tools = Path(mmdet.__file__).parent / '.mim/tools'
    step("mmdet's print_config, train and eval_metric")
    tool(tools / 'misc/print_config.py', SHIPPED)
    program(tools / 'train.py', SHIPPED, '--work-dir', 'by_mmdet', '--cfg-options', *SHORT, *LOADERS, *overrides(data))
    tool(tools / 'analysis_tools/eval_metric.py', SHIPPED, 'results.pkl', '--cfg-options', *overrides(data))


def results(checkpoint: Path, data: Path) -> None:
    """Test, and what the predictions tell."""
    step('test with saved predictions and pictures')
    program(
        ROOT / 'tools/test.py',
        'mine.py',
        checkpoint,
        '--out',
        'results.pkl',
        '--show-dir',
        'shown',
        '--cfg-options',
        *LOADERS,
    )
    step('best and worst videos, confusions')
    for name, out in (('analyze_results', 'analysis'), ('confusion_matrix', 'confusion.png')):
        tool(ROOT / f'tools/analysis_tools/{name}.py', 'mine.py', 'results.pkl', '--min-score', 0, '--out', out)


def from_python(data: Path) -> None:
    """Registries, hub and inference, as with any OpenMMLab package."""
    step('from Python')
    from mmengine.config import Config
    from mmengine.hub import get_config
    from mmengine.registry import MODELS, init_default_scope

    from gvseg.apis import VideoSegmenter, shipped_model
    from gvseg.utils import register_all_modules

    register_all_modules()
    init_default_scope('gvseg')
    assert type(MODELS.build(Config.fromfile(SHIPPED).model)).__name__ == 'GvSeg'
    print(get_config(f'gvseg::vis/{SHIPPED.name}').default_scope)
    frames = next(iter((data / 'val/ytvis/JPEGImages').iterdir()))
    found = list(VideoSegmenter(*shipped_model('vis')).segment(frames))
    print(f'{len(found)} frames segmented by the shipped model')


def main() -> None:
    """The day."""
    from gvseg.entry import load_openmmlab

    load_openmmlab()

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        checkpoint, data = own_data(Path(folder)), Path(folder) / 'data'
        results(checkpoint, data)
        mmdet_tools(data)
        from_python(data)
        os.chdir('/')
    print('\nthe day is done')


if __name__ == '__main__':
    main()
