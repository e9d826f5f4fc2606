"""Write docs/model_zoo.md and the README of every folder of configs from the metafiles and the public weights.

    python tools/misc/model_zoo.py                # the pages
    python tools/misc/model_zoo.py --check        # exit status 1 if a page is out of date
    python tools/misc/model_zoo.py --measure      # also count parameters and operations missing in a metafile

The pages are made from the entries in ``configs/*/metafile.yml``: data, batch, iterations, ``Results`` (ours),
``Paper Results``, ``Weights`` (those of another config: ``Tested With``); ``--measure`` adds Parameters and FLOPs.
Public weights are those of ``gvseg/utils/public_weights.py``.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from gvseg.utils.public_weights import PUBLIC_WEIGHTS

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ('vis', 'vss', 'vps', 'evs', 'general', 'ablation')
TITLES = dict(
    vis='Video instance segmentation',
    vss='Video semantic segmentation',
    vps='Video panoptic segmentation',
    evs='Exemplar-guided video segmentation',
    general='One model for all tasks',
    ablation='Ablations',
)
TINY_SIZE, REAL_SIZE = (160, 256), (480, 864)  # frames that FLOPs are counted for, height and width
NOTE = """Written by `python tools/misc/model_zoo.py` from the metafiles; a test keeps it up to date.

Numbers are percent. "paper" is what the paper reports (tables 1-4, S1; its authors released no weights), "ours" what
we measured; "not run" means that nobody has trained this config yet. Operations are those of a frame of 480 x 864, of
the tiny models 160 x 256, two for a multiplication with its addition (`tools/analysis_tools/get_flops.py`).
"""
PUBLIC_NOTE = """`gvseg segment VIDEO --model NAME` and `VideoSegmenter.from_pretrained('NAME')` fetch these from the
Hugging Face hub, convert them once and keep the result ([how](pretrained_weights.md#by-name)). The scores are those
that their publishers report (the page is named), on images for COCO; **nobody at GvSeg has measured them**, and none
of these files was there during development. "?" means that the publisher's page does not say.
"""
PUBLIC_COLUMNS = ('name', 'repository', 'file', 'MB', 'licence', 'trained on', 'published', 'page', 'config')
COMPARISON_NOTE = """One set of weights for all tasks ([more](general.md)) beside the four of one task: validation (24
videos, seed 1) and the quick start's 12 videos.
"""
COMPARED = ('task', 'data', 'metric', 'one task', 'all tasks', 'difference')
COLUMNS = ('config', 'data', 'batch', 'iterations', 'M parameters', 'G operations', 'paper', 'ours', 'command')


def parse_arguments() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description='Write the model zoo from the metafiles')
    parser.add_argument('--check', action='store_true', help='write nothing, fail if a page is out of date')
    parser.add_argument('--measure', action='store_true', help='count missing parameters and FLOPs')
    return parser.parse_args()


def metafile(folder: str) -> dict[str, Any]:
    """Metafile of a folder."""
    return yaml.safe_load((ROOT / 'configs' / folder / 'metafile.yml').read_text(encoding='utf-8'))


def scores(results: list[dict[str, Any]]) -> str:
    """``VIPSeg: VPQ 44.0, STQ 44.9``, as one string."""
    lists = [
        (entry['Dataset'], [f'{name} {value:.1f}' for name, value in entry['Metrics'].items()]) for entry in results
    ]
    return '; '.join(f'{dataset}: {", ".join(metrics)}' for dataset, metrics in lists)


def command(model: dict[str, Any]) -> str:
    """Command of the row: test of shipped weights, or training."""
    path = model['Config']
    weights = model.get('Weights') or model.get('Tested With')
    if weights:
        return f'`python tools/test.py {path} {weights}`'
    if 'ablation/' in path:
        table = re.search(r'_(4\w|cues|vit)-(?!tiny)|-(vit)$', model['Name'])  # pre-training is part of its table
        return f'`python projects/studies/ablation.py --table {table[1] or table[2] if table else "4a"} --run`'
    processes = re.search(r'_(\d+)xb\d+-', model['Name'])
    if not processes:
        named = ' or '.join(f'`{weights.name}`' for weights in PUBLIC_WEIGHTS if weights.config == path)
        return f'`gvseg segment VIDEO --model NAME` with {named} ([how](pretrained_weights.md)); no training'
    return f'`tools/dist_train.sh {path} 8`' if processes[1] == '8' else f'`python tools/train.py {path}`'


def row(model: dict[str, Any]) -> str:
    """A model's line of the table."""
    data = model['Metadata']
    ours = '; '.join(filter(None, (scores(model.get('Results', [])), model.get('Note'))))
    if not ours:
        page = 'encoder_only.md' if 'vit' in model['Name'] else 'method.md'
        ours = f'[{page}]({page})' if 'ablation/' in model['Config'] else 'not run'
    if 'Weights' in model:
        ours += f' ({model["Weights"]})'
    cells = (
        f'[{model["Name"]}](../{model["Config"]})',
        data['Training Data'],
        data.get('Batch Size', ''),
        data.get('Iterations', ''),
        number(data.get('Parameters'), 1e6),
        number(data.get('FLOPs'), 1e9),
        scores(model.get('Paper Results', [])),
        ours,
        command(model),
    )
    return f'| {" | ".join(str(cell) for cell in cells)} |'


def number(value: float | None, unit: float) -> str:
    """Format a number in units with one decimal."""
    return '' if value is None else f'{value / unit:,.1f}'


def table(folder: str) -> str:
    """A folder's table."""
    lines = [f'| {" | ".join(COLUMNS)} |', '|' + '---|' * len(COLUMNS)]
    return '\n'.join(lines + [row(model) for model in metafile(folder)['Models']])


def comparison() -> str:
    """Table of the shipped general model beside the models of one task: metrics that both have on the same data."""
    one = shipped('general')
    lines = [f'| {" | ".join(COMPARED)} |', '|' + '---|' * len(COMPARED)]
    for folder in ('vis', 'vss', 'vps', 'evs'):
        for result in shipped(folder)['Results']:
            for other in one['Results']:
                if (other['Task'], other['Dataset']) != (result['Task'], result['Dataset']):
                    continue
                for name, value in result['Metrics'].items():
                    found = other['Metrics'][name]
                    cells = (folder, result['Dataset'], name, f'{value:.1f}', f'{found:.1f}', f'{found - value:+.1f}')
                    lines.append(f'| {" | ".join(cells)} |')
    return '\n'.join(lines)


def shipped(folder: str) -> dict[str, Any]:
    """Entry of the shipped tiny model of a folder of configs."""
    weights = f'gvseg://gvseg-{folder}_tiny_moving-shapes.pth'
    return next(model for model in metafile(folder)['Models'] if model.get('Weights') == weights)


def public_table() -> str:
    """The table of public weights."""
    lines = [f'| {" | ".join(PUBLIC_COLUMNS)} |', '|' + '---|' * len(PUBLIC_COLUMNS)]
    for weights in PUBLIC_WEIGHTS:
        cells = (
            f'`{weights.name}`',
            f'`{weights.owner}/`' if weights.owner else f"[the authors' file]({weights.url})",
            ' or '.join(f'`{name}`' for name in weights.files),
            '?' if weights.megabytes is None else str(weights.megabytes),
            weights.source.licence,
            weights.data,
            weights.score,
            weights.source.page,
            f'[{weights.task}](../{weights.config})',
        )
        lines.append(f'| {" | ".join(cells)} |')
    return '\n'.join(lines)


def pages() -> Iterator[tuple[Path, str]]:
    """Every page and its text."""
    sections = [f'## {TITLES[folder]}\n\n{table(folder)}\n' for folder in FOLDERS]
    public = f'## Public weights\n\n{PUBLIC_NOTE}\n{public_table()}\n'
    beside = f'## One model beside four\n\n{COMPARISON_NOTE}\n{comparison()}\n'
    yield (
        ROOT / 'docs/model_zoo.md',
        '\n'.join([f'# Model zoo\n\n{NOTE}', public, *sections[:-1], beside, sections[-1]]),
    )
    for folder in FOLDERS:
        (collection,) = metafile(folder)['Collections']
        paper = collection['Paper']
        text = f'# {TITLES[folder]}\n\n[{paper["Title"]}]({paper["URL"]}), ECCV 2024. {NOTE}\n{table(folder)}\n'
        # Links are relative to configs/FOLDER here and to docs there.
        text = re.sub(r'\]\((\w+\.md)', r'](../../docs/\1', text.replace('](../configs/', '](../'))
        yield ROOT / 'configs' / folder / 'README.md', text


def measure() -> None:
    """Count missing values and write them to the metafiles; equal networks are counted once."""
    from gvseg.entry import load_openmmlab
    from gvseg.utils.config import load_config

    load_openmmlab()
    counted: dict[str, dict[str, int]] = {}
    for folder in FOLDERS[:-1]:
        path = ROOT / 'configs' / folder / 'metafile.yml'
        content = metafile(folder)
        for model in content['Models']:
            config = load_config(str(ROOT / model['Config']))
            key = config.model.to_dict().__repr__()
            if 'FLOPs' not in model['Metadata']:
                counted[key] = counted.get(key) or counts(config, TINY_SIZE if 'tiny_' in model['Name'] else REAL_SIZE)
                model['Metadata'].update(counted[key])
                print(model['Name'], model['Metadata'], flush=True)
                notes = [line for line in path.read_text(encoding='utf-8').splitlines(True) if line.startswith('#')]
                text = yaml.safe_dump(content, sort_keys=False, width=110)
                path.write_text(''.join(notes) + text, encoding='utf-8')


def counts(config: 'Config', size: tuple[int, int]) -> dict[str, int]:  # noqa: F821
    """Parameters of a model and operations of a frame."""
    from gvseg.apis.loading import load_model

    sys.path.insert(0, str(ROOT / 'tools/analysis_tools'))
    from get_flops import count_operations, count_parameters

    config.model.backbone.init_cfg = None
    config.clip_length = 1
    network, config = load_model(config, None)
    return dict(Parameters=count_parameters(network)['all'], FLOPs=count_operations(network, config, size)['all'])


def main() -> int:
    """Entry point.

    Returns:
        Exit status.
    """
    arguments = parse_arguments()
    if arguments.measure:
        measure()
    old = [path for path, text in pages() if not path.is_file() or path.read_text(encoding='utf-8') != text]
    if arguments.check:
        for path in old:
            print(f'{path.relative_to(ROOT)} is out of date: run python tools/misc/model_zoo.py', file=sys.stderr)
        return int(bool(old))
    for path, text in pages():
        path.write_text(text, encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main())
