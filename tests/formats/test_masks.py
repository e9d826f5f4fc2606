"""Run-length strings checked in batches."""
import numpy as np
import pytest
from gvseg.formats.errors import InputError
from gvseg.formats.masks import decode_runs, validate_and_area
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask


def encode(mask):
    """Compressed string of a mask."""
    return coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))['counts']


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**31), st.floats(0, 1)), min_size=1, max_size=6))
def test_areas_and_runs_are_those_of_pycocotools(draws):
    masks = [np.random.default_rng(seed).random((13, 17)) < share for seed, share in draws]
    texts = [encode(mask) for mask in masks]
    assert validate_and_area(texts, [13 * 17] * len(texts), [''] * len(texts)) == [int(mask.sum()) for mask in masks]
    lengths, owners, places = decode_runs(texts)
    for index, mask in enumerate(masks):
        runs = lengths[owners == index]
        assert places[owners == index].tolist() == list(range(len(runs)))
        rebuilt = np.repeat(np.arange(len(runs)) % 2, runs).reshape(17, 13).T
        assert (rebuilt == mask).all()


def test_large_runs():
    mask = np.zeros((3000, 3000), bool)
    mask[1500:, 2999] = True
    assert validate_and_area([encode(mask)], [9_000_000], ['']) == [1500]


@pytest.mark.parametrize(('text', 'pixels', 'reason'), [
    (encode(np.eye(5)), 24, 'covers 25 pixels'),
    (encode(np.eye(5))[:-1], 25, 'RLE'),
    (b'', 25, 'covers 0 pixels'),
    (b'5\x01', 25, 'out of range'),
    (b'o', 25, 'cut'),
    (b'oooooooo0', 25, 'too long'),
    (b'O9', 9, 'negative'),
])
def test_damage_is_named(text, pixels, reason):
    with pytest.raises(InputError, match=f'file, entry 1.*{reason}'):
        validate_and_area([encode(np.eye(5)), text], [25, pixels], ['file, entry 0', 'file, entry 1'])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=30))
def test_any_bytes_are_refused_or_measured(text):
    try:
        area, = validate_and_area([text], [25], ['here'])
    except InputError as error:
        assert 'here' in str(error)
    else:
        assert 0 <= area <= 25
