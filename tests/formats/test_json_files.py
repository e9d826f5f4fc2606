"""Strict JSON, and field errors that name their entry."""

import json
from pathlib import Path

import pytest

from gvseg.formats import json_files
from gvseg.formats.errors import InputError
from gvseg.formats.json_files import (
    flag_field,
    list_field,
    number_field,
    object_field,
    parse_json,
    read_json,
    refuse_repeats,
    text_field,
    whole,
    whole_field,
    write_json,
)


@pytest.mark.parametrize(
    ('data', 'message'),
    [
        (b'{"a": 1', 'truncated or damaged'),
        (b'', 'truncated or damaged'),
        (b'{"a": 1, "a": 2}', "duplicate id 'a'"),
        (b'[NaN]', 'NaN is not a JSON number'),
        (b'{"id": 3, "area": NaN}', r'NaN is not a JSON number \(after .\{"id": 3, "area":.\)'),
        (b'[-Infinity]', '-Infinity is not a JSON number'),
        (b'[' * 200_000, 'nested too deeply'),
        (b'{"a":' * 200_000, 'nested too deeply'),
        (b'[' + b'9' * 10_000 + b']', 'thousands of digits'),
        ('["ü"]'.encode('latin-1'), 'not in UTF-8'),
        ('{}'.encode('utf-16'), 'not in UTF-8'),
    ],
)
def test_defects_are_one_line(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f'^x.json: .*{message}') as caught:
        parse_json(data, 'x.json')
    assert '\n' not in str(caught.value) and len(str(caught.value)) < 300


def test_plain_files_are_read(tmp_path: Path) -> None:
    (tmp_path / 'a.json').write_bytes(b'\xef\xbb\xbf{"a": [1.5, null]}')
    assert read_json(tmp_path / 'a.json') == {'a': [1.5, None]}


def test_a_file_too_large_for_memory_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'a.json').write_bytes(b'[1, 2, 3]')
    with pytest.raises(InputError, match='has 9 bytes; more than 8 are not read'):
        read_json(tmp_path / 'a.json', max_bytes=8)


def test_writing_is_the_inverse(tmp_path: Path) -> None:
    content = {'ü': [1, 2.5, None]}
    write_json(tmp_path / 'b.json', content)
    assert read_json(tmp_path / 'b.json') == content
    write_json(tmp_path / 'b.json', content, indent=1)
    assert json.loads((tmp_path / 'b.json').read_text()) == content


@pytest.mark.parametrize(
    ('read', 'value', 'message'),
    [
        (text_field, 3, '"k" is 3; it must be a string'),
        (text_field, '', '"k" is \'\'; it must be a string'),
        (list_field, {}, '"k" is a dict; it must be a list'),
        (object_field, [], '"k" is a list; it must be an object'),
        (whole_field, 1.5, '"k" is 1.5; it must be an integer'),
        (whole_field, True, '"k" is True; it must be an integer'),
        (whole_field, float('inf'), '"k" is inf; it must be an integer'),
        (whole_field, '7', '"k" is \'7\'; it must be an integer'),
        (number_field, float('nan'), '"k" is nan; it must be a finite number'),
        (number_field, None, '"k" is None; it must be a finite number'),
        (flag_field, 2, '"k" is 2; it must be 0 or 1'),
        (flag_field, 'yes', '"k" is \'yes\'; it must be 0 or 1'),
    ],
)
def test_fields_of_another_type(read, value: object, message: str) -> None:
    with pytest.raises(InputError, match='^a.json: entry 3: ') as caught:
        read({'k': value}, 'k', 'a.json: entry 3')
    assert message in str(caught.value)


def test_fields_that_are_missing() -> None:
    with pytest.raises(InputError, match='a.json: has no "k"'):
        whole_field({}, 'k', 'a.json')
    with pytest.raises(InputError, match='a.json: is a list; it must be an object'):
        whole_field([], 'k', 'a.json')
    assert flag_field({}, 'k', 'a.json') is False


def test_bounds_and_lengths() -> None:
    assert whole(3.0, 'a.json: "k"', 3, 3) == 3
    with pytest.raises(InputError, match='"k" is 4, out of range: it must be 1..3'):
        whole(4, 'a.json: "k"', 1, 3)
    with pytest.raises(InputError, match='"k" has 2 items; it must have 3'):
        list_field({'k': [1, 2]}, 'k', 'a.json', 3)
    assert number_field({'k': 2}, 'k', 'a.json') == 2.0


def test_repeats() -> None:
    refuse_repeats([1, 2], 'annotation id', 'a.json')
    with pytest.raises(InputError, match='a.json: duplicate annotation id 2'):
        refuse_repeats([1, 2, 2], 'annotation id', 'a.json')
    assert json_files.MAX_JSON_BYTES >= 2**31
