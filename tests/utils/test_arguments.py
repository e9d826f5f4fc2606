"""Numbers on command lines are checked before any work."""

import argparse

import pytest

from gvseg.utils.arguments import positive_number, whole_number


@pytest.mark.parametrize(
    'parse, text, value',
    [
        (whole_number(0), '0', 0),
        (whole_number(1), '12', 12),
        (positive_number, '0.5', 0.5),
        (positive_number, '24', 24.0),
    ],
)
def test_numbers_are_read(parse, text: str, value: float) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    'parse, text, message',
    [
        (whole_number(1), '0', "'0' is not a whole number of at least 1"),
        (whole_number(0), '-1', 'of at least 0'),
        (whole_number(0), '1.5', 'of at least 0'),
        (whole_number(0), '9' * 9999, "'99999999999999999999' is not"),
        (positive_number, '0', "'0' is not a number above 0"),
        (positive_number, 'nan', 'above 0'),
        (positive_number, 'inf', 'above 0'),
        (positive_number, 'x', 'above 0'),
    ],
)
def test_others_are_refused(parse, text: str, message: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=message):
        parse(text)
