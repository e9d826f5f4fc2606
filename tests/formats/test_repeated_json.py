"""Result lists that repeat long values are read as by the json module, equal values once."""

import json

import pytest

from gvseg.formats.errors import InputError
from gvseg.formats.json_files import parse_json
from gvseg.formats.repeated_json import parse_entries

# An RLE string may hold brackets and backslashes.
TUBE = [None] * 9 + [{'size': [4, 4], 'counts': '[0]\\"1'}, {'size': [4, 4], 'counts': ']}'}]
OTHER = [*TUBE[:10], {'size': [4, 4], 'counts': ']}1'}]
ENTRIES = [
    {'score': 0.5, 'segmentations': TUBE, 'category_id': 1},
    {'segmentations': TUBE, 'category_id': 2, 'score': -1e-3},
    {'segmentations': OTHER, 'text': 'a "segmentations": [1] \\u00e4'},
    {'segmentations': None, 'nested': {'segmentations': [1]}},
    {'segmentations': 1},
    {'segmentations': 12},
    {},
]


def parse(text):
    return parse_entries(text.encode(), 'results.json', 'segmentations')


@pytest.mark.parametrize('options', [{}, {'indent': 1}, {'separators': (',', ':')}])
def test_equal_to_the_json_module(options):
    text = json.dumps(ENTRIES, **options)
    found = parse(f' {text}\n')
    assert found == json.loads(text) == ENTRIES
    assert found[0]['segmentations'] is found[1]['segmentations']
    assert found[2]['segmentations'] is not found[0]['segmentations']


@pytest.mark.parametrize('content', [[], {'videos': [ENTRIES]}, [1, ENTRIES[0]], 'text'])
def test_other_layouts(content):
    assert parse(json.dumps(content)) == content


@pytest.mark.parametrize(
    'text',
    [
        '',
        '[',
        '[{"a": 1}',
        '[{"a": 1},]',
        '[{"a": 1}] 2',
        '[{"a": 1 "b": 2}]',
        '[{"a": 1, "a": 2}]',
        '[{"score": NaN}]',
        '[{"segmentations": [1, 2}]',
        '[{"segmentations": [' + '[' * 100_000,
        '[{"a": "\x01"}]',
        '[{"score": ' + '1' * 5000 + '}]',
    ],
)
def test_faults_are_those_of_parse_json(text):
    with pytest.raises(InputError) as expected:
        parse_json(text.encode(), 'results.json')
    with pytest.raises(InputError) as found:
        parse(text)
    assert str(found.value) == str(expected.value)
