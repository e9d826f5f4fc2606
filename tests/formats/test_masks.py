"""Checks of run lengths and polygons before C code reads them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from gvseg.formats import masks
from gvseg.formats.errors import InputError
from gvseg.formats.masks import compressed_areas, decode_mask, mask_fault, polygon_fault, to_rle, validate_and_area


def encode(mask):
    """Compressed RLE string of a mask."""
    return coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))['counts']


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**31), st.floats(0, 1)), min_size=1, max_size=6))
def test_areas_are_those_of_the_masks(draws):
    masks = [np.random.default_rng(seed).random((13, 17)) < share for seed, share in draws]
    texts = [encode(mask) for mask in masks]
    assert validate_and_area(texts, [13 * 17] * len(texts), [''] * len(texts)) == [int(mask.sum()) for mask in masks]


@pytest.mark.parametrize('characters', [1, 7, 40])
def test_blocks_of_strings_give_the_same_areas_and_errors(characters, monkeypatch):
    monkeypatch.setattr(masks, 'BLOCK_CHARACTERS', characters)
    shown = [np.arange(25).reshape(5, 5) % step == 0 for step in range(1, 9)]
    texts, places = [encode(mask) for mask in shown], [f'entry {index}' for index in range(8)]
    assert validate_and_area(texts, [25] * 8, places) == [25, 13, 9, 7, 5, 5, 4, 4]
    with pytest.raises(InputError, match='entry 6: .*covers 25 pixels, its size has 24'):
        validate_and_area(texts, [25] * 6 + [24, 25], places)
    assert validate_and_area([], [], []) == []


def test_large_runs():
    mask = np.zeros((3000, 3000), bool)
    mask[1500:, 2999] = True
    assert validate_and_area([encode(mask)], [9_000_000], ['']) == [1500]


def test_areas_of_more_masks_than_pycocotools_takes():
    masks = [
        coco_mask.encode(np.asfortranarray(np.arange(20).reshape(4, 5) < index % 20, np.uint8)) for index in range(600)
    ]
    assert compressed_areas(masks).tolist() == [index % 20 for index in range(600)]
    assert compressed_areas([]).shape == (0,)


@pytest.mark.parametrize(
    ('text', 'pixels', 'reason'),
    [
        (encode(np.eye(5)), 24, 'covers 25 pixels'),
        (encode(np.eye(5))[:-1], 25, 'RLE'),
        (b'', 25, 'covers 0 pixels'),
        (b'5\x01', 25, 'out of range'),
        (b'o', 25, 'cut'),
        (b'oooooooo0', 25, 'too long'),
        (b'O9', 9, 'negative'),
    ],
)
def test_damage_is_named(text, pixels, reason):
    with pytest.raises(InputError, match=f'file, entry 1.*{reason}'):
        validate_and_area([encode(np.eye(5)), text], [25, pixels], ['file, entry 0', 'file, entry 1'])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=30))
def test_any_bytes_are_refused_or_measured(text):
    try:
        (area,) = validate_and_area([text], [25], ['here'])
    except InputError as error:
        assert 'here' in str(error)
    else:
        assert 0 <= area <= 25


SQUARE = [2.0, 2.0, 8.0, 2.0, 8.0, 8.0, 2.0, 8.0]


def test_polygons_are_filled():
    """Corners (2, 2) to (8, 8): 6 x 6 pixels, from string, list and bytes."""
    assert polygon_fault([SQUARE], 10, 12) == ''
    mask = decode_mask([SQUARE], 10, 12)
    assert mask.shape == (10, 12) and mask.sum() == 36 and mask[2:8, 2:8].all()
    code = to_rle([SQUARE], 10, 12)
    listed = {'size': [10, 12], 'counts': [22] + [6, 4] * 5 + [6, 42]}
    assert to_rle(listed, 10, 12) == code and coco_mask.area(code) == 36


@pytest.mark.parametrize('corner', [1e9, -1e9, 1e300, float('nan'), float('inf'), 10**30, 25])
def test_corners_far_outside_are_refused(corner):
    """pycocotools stores every outline pixel, and crashes if there are too many."""
    fault = mask_fault([[corner, *SQUARE[1:]]], 10, 12)
    assert 'corner' in fault or 'not a list of three' in fault


def test_corners_a_little_outside_are_legal():
    assert mask_fault([[-3.5, 2, 8, 2, 8, 14]], 10, 12) == ''


def test_endless_outlines_are_refused():
    zigzag = [value for step in range(60) for value in (0.0, 0.0, 60000.0, float(step))]
    assert 'its outline is' in polygon_fault([zigzag], 100, 60000)


@pytest.mark.parametrize(
    'polygons',
    [
        [],
        [[]],
        [[1, 2, 3]],
        [[1, 2, 3, 4]],
        [SQUARE + [1]],
        [['1'] * 6],
        [[None] * 6],
        [[[1, 2]] * 3],
        'x',
        [SQUARE, 7],
        [{}],
        [[True] * 6],
        [[[1], [1, 2]]],
    ],
)
def test_what_is_no_polygon(polygons):
    assert polygon_fault(polygons, 10, 12)


@pytest.mark.parametrize(
    ('mask', 'reason'),
    [
        ({'size': [10, 12], 'counts': [10**30]}, 'not run lengths'),
        ({'size': [10, 12], 'counts': [100, -5, 25]}, 'not run lengths'),
        ({'size': [10, 12], 'counts': [60, 60.0]}, 'not run lengths'),
        ({'size': [10, 12], 'counts': [60, True, 59]}, 'not run lengths'),
        ({'size': [10, 12], 'counts': [100]}, 'add up to 100 instead of 120'),
        ({'size': [10, 12], 'counts': 7}, 'not run-length encoded'),
        ({'size': [10, 12], 'counts': 'é'}, 'not run-length encoded'),
        ({'size': [10, 12], 'counts': 'ooooooooo0'}, 'too long'),
        ({'size': [10.9, 12], 'counts': [120]}, 'not a pair of integers'),
        ({'size': [10], 'counts': [120]}, 'not a pair of integers'),
        ({'size': ['10', 12], 'counts': [120]}, 'not a pair of integers'),
        ({'size': [12, 10], 'counts': [120]}, 'its size is 12x10'),
        ({'size': None, 'counts': [120]}, 'not an RLE'),
        ({'counts': [120]}, 'not an RLE'),
        ('mask', 'not an RLE'),
        (5, 'not an RLE'),
    ],
)
def test_what_is_no_run_length_mask(mask, reason):
    assert reason in mask_fault(mask, 10, 12)


def test_frames_of_no_image():
    assert 'not a valid image size' in mask_fault({'size': [2**20, 2**20], 'counts': [2**40]}, 2**20, 2**20)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=7) | st.dictionaries(st.sampled_from(['size', 'counts', 'x']), inner, max_size=3)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(JSON | st.lists(st.lists(st.floats(-40, 40), min_size=6, max_size=8), min_size=1, max_size=3))
def test_any_value_is_a_mask_or_has_a_fault(value):
    if not mask_fault(value, 10, 12):
        assert decode_mask(value, 10, 12).shape == (10, 12)
