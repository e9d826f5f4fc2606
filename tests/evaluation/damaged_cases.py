"""Helpers for tests of bad input: damaged copies of small cases, and the tool's response."""

import json

from tools.evaluate import main

TREES = ('vipseg', 'kitti_step')
FRAME = {'vipseg': 'pan_pred/v0/0001.png', 'kitti_step': '0002/000001.png'}
JSONS = {
    'ytvis': ('gt.json', 'pred.json'),
    'ovis': ('gt.json', 'pred.json'),
    'vipseg': ('gt/panoptic_gt_VIPSeg.json', 'pred/pred.json'),
}


def arguments(folder, name):
    """Command line of a benchmark."""
    ending = '' if name in TREES else '.json'
    return [name, '--gt', str(folder / name / f'gt{ending}'), '--pred', str(folder / name / f'pred{ending}')]


def refused(capsys, folder, name, *words, more=()):
    """Check that the tool exits with 2 and one line that contains all these words."""
    assert main([*arguments(folder, name), *more]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    errors = [line for line in lines if line.startswith('error: ')]
    assert len(errors) == 1 and not any(line.startswith('Traceback') for line in lines)
    for word in words:
        assert str(word) in errors[0], errors[0]


def edit(path, change):
    """Change a JSON file in place."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
