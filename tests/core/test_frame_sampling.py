"""Clips of a video and clips compared in training."""

import math

import numpy as np
import pytest
import torch

from gvseg.core.frame_sampling import clip_frames, clip_starts, rank_reference_frames, sample_reference_clips


@pytest.mark.parametrize(
    ('length', 'clip_length', 'overlap', 'expected'),
    [
        (6, 3, 0, [0, 3]),
        (7, 3, 0, [0, 3, 6]),
        (7, 3, 1, [0, 2, 4]),
        (5, 3, 2, [0, 1, 2]),
        (2, 3, 0, [0]),
        (1, 1, 0, [0]),
        (3, 3, 2, [0]),
        (4, 1, 0, [0, 1, 2, 3]),
    ],
)
def test_starts_of_clips(length: int, clip_length: int, overlap: int, expected: list) -> None:
    assert clip_starts(length, clip_length, overlap) == expected


def test_clips_cover_every_frame_and_each_brings_a_new_one() -> None:
    for length in range(1, 14):
        for clip_length in range(1, 6):
            for overlap in range(clip_length):
                clips = [clip_frames(start, clip_length, length) for start in clip_starts(length, clip_length, overlap)]
                assert sorted({frame for clip in clips for frame in clip}) == list(range(length))
                assert all(set(later) - set(earlier) for earlier, later in zip(clips, clips[1:]))


def test_beyond_the_end_the_last_frame_repeats() -> None:
    assert clip_frames(0, 3, 5) == [0, 1, 2]
    assert clip_frames(4, 3, 5) == [4, 4, 4]
    assert clip_frames(0, 3, 2) == [0, 1, 1]


@pytest.mark.parametrize(('length', 'clip_length', 'overlap'), [(0, 3, 0), (5, 3, 3), (5, 3, -1), (5, 0, 0)])
def test_clips_that_cannot_be_are_refused(length: int, clip_length: int, overlap: int) -> None:
    with pytest.raises(ValueError, match='at least one frame|overlap'):
        clip_starts(length, clip_length, overlap)


def draws(key: int, length: int, clip_length: int, count: int, **options) -> list[list[int]]:
    return [
        sample_reference_clips(key, length, clip_length, count, np.random.default_rng(seed), **options)
        for seed in range(200)
    ]


def test_references_come_from_the_whole_video_but_not_from_the_key() -> None:
    # Starts 0 ... 7 of clips of 3 in 10 frames, without the key.
    assert {start for starts in draws(2, 10, 3, 2) for start in starts} == {0, 1, 3, 4, 5, 6, 7}
    assert all(len(set(starts)) == 2 for starts in draws(2, 10, 3, 2))


def test_near_references_stay_within_reach() -> None:
    assert {start for starts in draws(2, 50, 3, 1, scope='near', reach=3) for start in starts} == {0, 1, 3, 4, 5}


def test_more_references_than_there_are_repeat() -> None:
    assert all(len(starts) == 5 and set(starts) <= {1, 2} for starts in draws(0, 5, 3, 5))


@pytest.mark.parametrize('length', [1, 2, 3])
def test_the_only_clip_is_its_own_reference(length: int) -> None:
    assert draws(0, length, 3, 2)[0] == [0, 0]


def test_drawing_is_repeatable_and_the_scope_is_checked() -> None:
    assert draws(2, 10, 3, 2) == draws(2, 10, 3, 2)
    with pytest.raises(ValueError, match='scope'):
        draws(2, 10, 3, 2, scope='far')


def test_frames_with_positives_come_first_then_those_with_hard_negatives() -> None:
    change = torch.tensor(
        [
            [0.1, 0.1],  # two positives: log 3
            [0.1, 0.9],  # one of each: log 2 + log(2) / 2
            [0.1, math.inf],  # one positive: log 2
            [0.9, 0.2],  # two hard negatives, for 0.2 is not below 0.2: log(3) / 2
            [math.inf, math.inf],  # nobody there: 0
        ]
    )
    scores = rank_reference_frames(change, 0.2)
    expected = [math.log(3), 1.5 * math.log(2), math.log(2), 0.5 * math.log(3), 0]
    torch.testing.assert_close(scores, torch.tensor(expected))
    assert rank_reference_frames(torch.zeros(3, 0), 0.2).tolist() == [0, 0, 0]
