"""The numbers of the reference scorers on the cases of ``tests/data/reference``."""

import json
import math
from pathlib import Path

import pytest

from tools.evaluate import main

CASES = Path(__file__).resolve().parents[3] / 'data/reference'


def differences(found, expected, where='', scale=1.0):
    """Places where two nested results differ by more than 1e-6 (percentages: 1e-4)."""
    if isinstance(expected, dict):
        if set(found) != set(expected):
            return [f'{where}: keys {sorted(set(found) ^ set(expected))}']
        return [
            line
            for key in expected
            for line in differences(found[key], expected[key], f'{where}/{key}', 100.0 if 'VPQ' in key else scale)
        ]
    if isinstance(expected, list):
        assert len(found) == len(expected)
        return [
            line for index, pair in enumerate(zip(found, expected)) for line in differences(*pair, f'{where}[{index}]')
        ]
    same = found == expected or (found is not None and math.isclose(found, expected, abs_tol=1e-6 * scale, rel_tol=0))
    return [] if same else [f'{where}: {found} is not {expected}']


@pytest.mark.parametrize(
    ('benchmark', 'case', 'part', 'truth', 'results'),
    [
        ('ytvis', 'ytvis', 'official', 'gt.json', 'pred.json'),
        ('ovis', 'ovis', 'OVISeval', 'gt.json', 'pred.json'),
        ('ytvis', 'ovis', 'YTVOSeval_on_the_same_files', 'gt.json', 'pred.json'),
        ('vipseg', 'vipseg_main', None, 'gt', 'pred'),
        ('vipseg', 'vipseg_no_pred_void', None, 'gt', 'pred'),
        ('vipseg', 'vipseg_stuff_id_first', None, 'gt', 'pred'),
        ('kitti_step', 'kitti_step', None, 'gt', 'pred'),
    ],
)
@pytest.mark.parametrize('jobs', ['1', '2'])
def test_numbers_and_keys_are_those_of_the_reference(benchmark, case, part, truth, results, jobs, tmp_path):
    out = tmp_path / 'numbers.json'
    assert (
        main(
            [
                benchmark,
                '--gt',
                str(CASES / case / truth),
                '--pred',
                str(CASES / case / results),
                '--out',
                str(out),
                '--jobs',
                jobs,
            ]
        )
        == 0
    )
    expected = json.loads((CASES / case / 'expected.json').read_text())['numbers']
    assert not differences(json.loads(out.read_text()), expected[part] if part else expected)
