"""What callers of the segmenter get wrong is said: no objects, objects never found, another order of channels."""

import warnings

import pytest
import torch

from gvseg.apis import ObjectPrompt
from gvseg.utils.errors import InputError

from .conftest import content


def test_a_model_that_follows_objects_says_that_it_was_shown_none(segmenters: dict, frames: list) -> None:
    results = []
    with pytest.raises(InputError, match=r'No object was shown in the 7 frames of this video.*add_object'):
        for result in segmenters['evs'].stream(frames):
            results.append(result)
    assert len(results) == 7
    assert list(segmenters['evs'].stream([])) == []


@pytest.mark.parametrize('is_found', [True, False])
def test_an_object_that_was_never_found_is_named(
    segmenters: dict, frames: list, is_found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    segmenter = segmenters['evs']
    # Untrained: below its threshold no object is there, at 0 every one is.
    monkeypatch.setattr(segmenter.model.task_output, 'presence', 0.0 if is_found else 2.0)
    segmenter.add_object(0, box=(8, 16, 24, 32), source='--boxes 0:8,16,24,32')
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        results = list(segmenter.stream(frames))
    assert any(bool(result.pred_object_map.sem_seg.any()) for result in results) == is_found
    said = [str(one.message) for one in caught if 'was found in no frame' in str(one.message)]
    assert len(said) == (not is_found)
    assert is_found or said[0].startswith('Object 1, shown in frame 0 (--boxes 0:8,16,24,32), was found in no frame')


def test_the_order_of_channels_is_an_argument(segmenters: dict, frames: list) -> None:
    expected = [content(result, 'vss') for result in segmenters['vss'].stream(frames)]
    for order, given in (('bgr', frames), ('rgb', [frame[..., ::-1] for frame in frames])):
        found = [content(result, 'vss') for result in segmenters['vss'].stream(given, channel_order=order)]
        assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))
    with pytest.raises(InputError, match="channel_order='brg': frames are 'bgr' or 'rgb'"):
        next(segmenters['vss'].stream(frames, channel_order='brg'))


@pytest.mark.parametrize(
    'shown',
    [dict(box=(0, 0, float('nan'), 3)), dict(box=(0, 0, 3)), dict(point=(1, float('inf'))), dict(point=(1, 2, 3))],
)
def test_coordinates_are_finite_and_of_their_number(shown: dict) -> None:
    kind = next(iter(shown))
    with pytest.raises(InputError, match=f'The {kind} of object 3 in frame 5 .*: give [24] numbers, in pixels'):
        ObjectPrompt(3, 5, **shown)
