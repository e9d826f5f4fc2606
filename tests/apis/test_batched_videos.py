"""Several videos whose clips share batches of the network: results are those of one after the other."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from .conftest import content, moving_square

pytestmark = pytest.mark.usefixtures('mmdet_scope')
LENGTHS = (7, 2, 4)


@pytest.fixture
def videos() -> list[list[np.ndarray]]:
    """Videos of different lengths and of two sizes."""
    found = [moving_square(length) for length in LENGTHS]
    found[1] = [cv2.resize(frame, (96, 64)) for frame in found[1]]
    found[2] = [frame[::-1] for frame in found[2]]
    return found


@pytest.mark.parametrize('task, batch_size', [('vis', 3), ('vss', 1), ('vss', 8), ('vps', 3)])
def test_batches_give_what_videos_give_one_by_one(segmenters: dict, videos: list, task: str, batch_size: int) -> None:
    segmenter = segmenters[task]
    expected = [list(segmenter.stream(video)) for video in videos]
    found = [[sample for _, sample in pairs] for pairs in segmenter.segment_videos(videos, batch_size)]
    assert [[sample.frame_id for sample in video] for video in found] == [list(range(length)) for length in LENGTHS]
    for video, one_by_one in zip(found, expected):
        assert all(torch.equal(content(one, task), content(other, task)) for one, other in zip(video, one_by_one))
    if task == 'vis':
        pairs = [(one.pred_track_instances, other.pred_track_instances) for one, other in zip(found[0], expected[0])]
        assert all(torch.equal(one.instances_id, other.instances_id) for one, other in pairs)
        assert all(torch.allclose(one.scores, other.scores, atol=1e-4) for one, other in pairs)


def test_a_batch_goes_on_with_the_next_video(segmenters: dict, videos: list) -> None:
    segmenter, seen = segmenters['vss'], []
    assert (segmenter.clip_length, segmenter.clip_overlap) == (3, 0)
    hook = segmenter.model.backbone.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    frames = [len(list(pairs)) for pairs in segmenter.segment_videos([videos[0], videos[2]], batch_size=2)]
    hook.remove()
    assert frames == [7, 4]
    assert seen == [6, 6, 3]  # three clips of the first, two of the second


def test_a_video_that_fails_loses_only_itself(segmenters: dict, folder: Path, videos: list) -> None:
    (folder / '005.png').write_bytes(cv2.imencode('.png', np.zeros((10, 20, 3), np.uint8))[1].tobytes())
    done, errors = [], []
    for pairs in segmenters['vss'].segment_videos([videos[0], 'gone.mp4', folder, videos[2]], batch_size=4):
        done.append(0)
        try:
            for _ in pairs:
                done[-1] += 1
        except ValueError as error:
            errors.append(str(error))
    assert done == [7, 0, 3, 4]  # of the third the clip before its damaged frame
    assert 'gone.mp4 does not exist' in errors[0] and '005.png is 20x10' in errors[1] and len(errors) == 2


def test_a_video_that_is_left_early_does_not_stop_the_next(segmenters: dict, videos: list) -> None:
    frames = []
    for pairs in segmenters['vss'].segment_videos(videos, batch_size=2):
        frames.append(next(pairs)[1].frame_id)
    assert frames == [0, 0, 0]
    assert len(list(segmenters['vss'].stream(videos[0]))) == 7


def test_results_of_a_video_come_before_those_of_the_next(segmenters: dict, videos: list) -> None:
    first, _ = segmenters['vss'].segment_videos(videos[:2], batch_size=2)
    with pytest.raises(ValueError, match='taken before those of the next'):
        list(first)


def test_a_model_that_fails_says_so_in_every_video_of_the_batch(
    segmenters: dict, videos: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError('out of memory')

    monkeypatch.setattr(segmenters['vss'].model, 'predict', fail)
    for pairs in segmenters['vss'].segment_videos(videos[:2], batch_size=8):
        with pytest.raises(RuntimeError, match='out of memory'):
            list(pairs)


def test_another_video_meanwhile_is_refused(segmenters: dict, videos: list) -> None:
    segmenter = segmenters['vss']
    several = segmenter.segment_videos(videos[:1], batch_size=1)
    pairs = next(several)
    next(pairs)
    list(segmenter.stream(videos[2]))
    with pytest.raises(ValueError, match='needs a VideoSegmenter of its own'):
        list(pairs)


@pytest.mark.parametrize('task, size, message', [('evs', 2, 'takes object prompts'), ('vss', 0, 'at least one clip')])
def test_what_cannot_be_a_batch_is_refused(segmenters: dict, videos: list, task: str, size: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        next(segmenters[task].segment_videos(videos, size))
