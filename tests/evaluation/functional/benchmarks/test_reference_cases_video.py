"""The numbers of the reference scorers on the cases of ``tests/data/reference``."""

import json

import pytest

from gvseg.evaluation.functional.benchmarks.registry import BENCHMARKS
from tests.evaluation.video_fixtures import CASES

RUNS = [
    ('vspw', 'vspw', 'pred', {}),
    ('davis', 'davis', 'pred', {}),
    ('ytvos', 'ytvos', 'pred', {}),
    ('burst_class_guided', 'burst', 'pred.json', {'task': 'class_guided'}),
    ('burst_exemplar_guided', 'burst', 'pred.json', {'task': 'exemplar_guided'}),
    ('burst_exemplar_guided_permuted', 'burst', 'pred.json', {'task': 'exemplar_guided'}),
]


def flat(numbers, prefix=''):
    """Nested numbers and strings by path."""
    items = numbers.items() if isinstance(numbers, dict) else enumerate(numbers)
    found = {}
    for key, value in items:
        nested = isinstance(value, (dict, list))
        found.update(flat(value, f'{prefix}/{key}') if nested else {f'{prefix}/{key}': value})
    return found


@pytest.mark.parametrize('case,benchmark,prediction,options', RUNS)
@pytest.mark.parametrize('jobs', [1, 2])
def test_equals_the_reference(case, benchmark, prediction, options, jobs):
    folder = CASES / case
    expected = json.loads((folder / 'expected.json').read_text())['numbers']
    numbers = BENCHMARKS[benchmark](str(folder / 'gt'), str(folder / prediction), jobs, None, **options)['numbers']
    found, wanted = flat(numbers), flat(expected)
    for key, value in wanted.items():
        assert found[key] == (value if isinstance(value, str) else pytest.approx(value, abs=1e-9)), key
    assert set(found) == set(wanted)
