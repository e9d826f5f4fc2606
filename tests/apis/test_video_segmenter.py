"""Streaming gives what testing gives; bad input is refused by name; nothing leaks between videos."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet.registry import TRANSFORMS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from gvseg.apis import ObjectPrompt, VideoSegmenter, shipped_model
from gvseg.apis.prompt_exemplars import frame_exemplars
from gvseg.datasets.reading import read_image
from gvseg.datasets.transforms import ClipResize
from gvseg.datasets.transforms.exemplar_data import KINDS

from .conftest import FIELDS, HEIGHT, ROOT, WIDTH, content, show_first_sights, tiny_config


@pytest.mark.parametrize('task', FIELDS)
@pytest.mark.parametrize('clip_length', [None, 1])
def test_streaming_equals_testing(
    segmenters: dict[str, VideoSegmenter], shapes: Path, task: str, clip_length: int | None
) -> None:
    segmenter = segmenters[task]
    if clip_length:
        segmenter = VideoSegmenter(tiny_config(task), None, clip_length=clip_length)
    loader_config = Config(segmenter.config.test_dataloader.to_dict())
    sampler = dict(clip_length=segmenter.clip_length, overlap=segmenter.clip_overlap)
    loader_config.merge_from_dict(dict(num_workers=0, persistent_workers=False, sampler=sampler))
    kind = Path(loader_config.dataset.data_root).name
    loader_config.dataset.data_root = str(shapes / 'val' / kind)
    init_default_scope('mmdet')
    loader = Runner.build_dataloader(loader_config)
    with torch.no_grad():
        tested = [frame for batch in loader for frame in segmenter.model.test_step(batch)[0].video_data_samples]
    if task == 'evs':
        show_first_sights(segmenter, [frame.img_path for frame in tested])
    streamed = list(segmenter.stream(read_image(frame.img_path) for frame in tested))
    assert [frame.frame_id for frame in streamed] == [frame.frame_id for frame in tested] == list(range(7))
    for ours, theirs in zip(streamed, tested):
        assert torch.equal(content(ours, task), content(theirs, task))


@pytest.mark.parametrize('task', FIELDS)
@pytest.mark.parametrize('length', [1, 2, 3, 4])
def test_any_length_gives_every_frame_once(segmenters: dict, frames: list, task: str, length: int) -> None:
    segmenter = segmenters[task]
    if segmenter.takes_objects:
        segmenter.add_object(0, point=(16, 24))
    results = list(segmenter.stream(frames[:length]))
    assert [result.frame_id for result in results] == list(range(length))
    assert all(content(result, task).shape[-2:] == (HEIGHT, WIDTH) for result in results)


@pytest.mark.parametrize('clip_length', [1, 3])
def test_a_result_comes_as_soon_as_its_clip_is_complete(frames: list, clip_length: int) -> None:
    taken = []

    def camera():
        for index, frame in enumerate(frames):
            taken.append(index)
            yield frame

    stream = VideoSegmenter(tiny_config('vss'), None, clip_length=clip_length).stream(camera())
    assert next(stream).frame_id == 0
    assert taken == list(range(clip_length))
    stream.close()


def test_videos_do_not_leak_into_each_other(segmenters: dict, frames: list) -> None:
    segmenter = segmenters['vis']
    first = [content(result, 'vis') for result in segmenter.stream(frames)]
    stream = segmenter.stream(frames[::-1])
    next(stream)
    stream.close()  # the listener leaves in the middle
    again = [content(result, 'vis') for result in segmenter.stream(frames)]
    assert all(torch.equal(one, other) for one, other in zip(first, again))


def test_a_video_that_is_not_finished_is_not_mixed_with_another(segmenters: dict, frames: list) -> None:
    segmenter = segmenters['vss']
    first = segmenter.stream(frames)
    next(first)
    with pytest.raises(ValueError, match='Another video is still being segmented'):
        next(segmenter.stream(frames))
    segmenter.reset()
    second = segmenter.stream(frames)
    next(second)
    with pytest.raises(ValueError, match='reset.. was called while this video ran'):
        list(first)
    first.close()  # which leaves the second alone
    assert [result.frame_id for result in second] == [1, 2, 3, 4, 5, 6]


def test_no_frames_give_no_results(segmenters: dict) -> None:
    assert list(segmenters['vps'].stream([])) == []


def test_objects_may_be_added_while_a_video_runs(segmenters: dict, frames: list) -> None:
    segmenter, ids = segmenters['evs'], []
    assert segmenter.add_object(0, box=(8, 16, 24, 32)) == 1
    for result in segmenter.stream(frames):
        if result.frame_id == 2:
            with pytest.raises(ValueError, match='mask of object 2 is 10x20 but the frame 2 is 48x64'):
                segmenter.add_object(2, mask=np.ones((10, 20)))  # frame 2 waits for the next clip
            assert segmenter.add_object(5, point=(36, 24)) == 2
            with pytest.raises(ValueError, match='Frame 0 has been segmented already'):
                segmenter.add_object(0, point=(1, 1))
        ids.append(result.exemplars.instances_ids.tolist())
    assert [5 in [frame] and entry for frame, entry in enumerate(ids)][5] == [2]
    assert segmenter.shown == ()


SQUARE = np.zeros((HEIGHT, WIDTH), bool)
SQUARE[16:32, 24:40] = True  # where the square of the frames is in frame 4


@pytest.mark.parametrize('shown', [dict(mask=SQUARE), dict(box=(24, 16, 40, 32)), dict(point=(31, 23))])
@pytest.mark.parametrize('clip_length', [1, 3])
def test_an_object_may_be_shown_in_any_frame(frames: list, shown: dict, clip_length: int) -> None:
    segmenter = VideoSegmenter(*shipped_model('evs', ROOT), clip_length=clip_length)
    areas = []
    for result in segmenter.stream(frames):
        if result.frame_id == 0:
            assert segmenter.add_object(4, **shown) == 1  # the middle of the second clip
        found = result.pred_object_map.sem_seg[0] == 1
        areas.append(int(found.sum()))
        kinds = result.exemplars.kinds.tolist()
        assert kinds == ([KINDS.index(next(iter(shown)))] if result.frame_id == 4 else [])
    assert not any(areas[:4]) and all(areas[4:])  # it exists from the frame in which it is shown
    square = torch.from_numpy(SQUARE)
    segmenter.add_object(4, **shown)
    found = next(result for result in segmenter.stream(frames) if result.frame_id == 4).pred_object_map.sem_seg[0] == 1
    overlap = (found & square).sum() / (found | square).sum()
    assert overlap == 1 if 'mask' in shown else overlap > 0.5  # a mask is the result, and the shipped model finds it


@pytest.mark.parametrize(
    'shown, message',
    [
        (
            dict(point=(WIDTH, 3)),
            r'Point \(64, 3\) is outside the frame 0 \(--points 0:64,3\) of width 64 and height 48',
        ),
        (dict(point=(3, -1)), 'is outside the frame'),
        (dict(box=(70, 5, 90, 20)), 'covers no pixel of the frame 0'),
        (dict(mask=np.ones((10, 20), bool)), r'mask of object 1 is 10x20 but the frame 0 \(--points 0:64,3\) is 48x64'),
        (dict(mask=np.zeros((HEIGHT, WIDTH), bool)), 'mask of object 1 in 0 .* is empty'),
    ],
)
def test_an_object_that_does_not_fit_its_frame(segmenters: dict, frames: list, shown: dict, message: str) -> None:
    segmenters['evs'].add_object(0, **shown, source='--points 0:64,3')
    with pytest.raises(ValueError, match=message):
        list(segmenters['evs'].stream(frames))
    assert segmenters['evs'].shown == ()  # the next video starts clean


def test_an_object_after_the_last_frame_does_not_cost_the_results(segmenters: dict, frames: list) -> None:
    segmenters['evs'].add_object(0, point=(16, 24))
    segmenters['evs'].add_object(7, point=(16, 24))
    results = []
    with pytest.raises(ValueError, match='has 7 frames, but object 2 was to be shown in frame 7'):
        for result in segmenters['evs'].stream(frames):
            results.append(result)
    assert len(results) == 7


def test_objects_are_refused_where_none_are_followed(segmenters: dict) -> None:
    with pytest.raises(ValueError, match='takes no object prompts'):
        segmenters['vis'].add_object(0, point=(1, 1))


@pytest.mark.parametrize(
    'values, message',
    [
        (dict(), 'exactly one of mask, box and point, got none'),
        (dict(point=(1, 1), box=(0, 0, 2, 2)), 'got box and point'),
    ],
)
def test_an_object_is_shown_in_one_way(segmenters: dict, values: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        segmenters['evs'].add_object(0, **values)


def test_an_id_is_given_once(segmenters: dict) -> None:
    segmenters['evs'].add_object(0, point=(1, 1), identity=4)
    with pytest.raises(ValueError, match='an object 4 already'):
        segmenters['evs'].add_object(0, point=(1, 1), identity=4)
    assert segmenters['evs'].add_object(0, point=(1, 1)) == 5
    segmenters['evs'].reset()


@pytest.mark.parametrize(
    'bad, message',
    [
        (np.zeros((20, 30, 3), np.uint8), 'Frame 1 is 30x20 but the one before is 64x48'),
        (np.zeros((HEIGHT, WIDTH), np.uint8), 'three channels'),
        (np.zeros((HEIGHT, WIDTH, 3), np.float32), 'Frame 1 is float32'),
    ],
)
def test_a_frame_that_does_not_fit(segmenters: dict, frames: list, bad: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(segmenters['vss'].stream([frames[0], bad]))


def test_pixels_are_scaled_to_the_networks_input() -> None:
    mask = np.zeros((40, 80), bool)
    mask[10:20, 20:60] = True
    half = frame_exemplars([ObjectPrompt(1, 0, mask=mask)], (40, 80), (20, 40))[0]
    np.testing.assert_array_equal(half.region[5:10, 10:30], 1)
    assert half.region.sum() == 5 * 20
    box = frame_exemplars([ObjectPrompt(1, 0, box=(20, 10, 60, 20))], (40, 80), (20, 40))[0]
    np.testing.assert_array_equal(box.region, half.region)
    point = frame_exemplars([ObjectPrompt(1, 0, point=(30, 12))], (40, 80), (20, 40))[0]
    np.testing.assert_allclose(point.points, np.tile([15, 6], (len(point.points), 1)))
    assert not point.region.any()


def test_a_tiny_object_survives_scaling() -> None:
    mask = np.zeros((40, 80), bool)
    mask[11, 33] = True
    assert frame_exemplars([ObjectPrompt(1, 0, mask=mask)], (40, 80), (10, 20))[0].region[2, 8] == 1
    assert frame_exemplars([ObjectPrompt(1, 0, box=(79, 39, 80, 40))], (40, 80), (10, 20))[0].region[9, 19] == 1


def test_frames_may_be_shrunk_for_the_network_only(frames: list) -> None:
    segmenter = VideoSegmenter(tiny_config('vss'), None, short_side=32)
    result = next(segmenter.stream(frames[:1]))
    assert result.img_shape == (32, 43)
    assert result.pred_sem_seg.sem_seg.shape == (1, HEIGHT, WIDTH)


def config_resizing_to(side: int | None) -> Config:
    """The VSS config with another resizing of test frames, or none."""
    config = Config.fromfile(tiny_config('vss'))
    steps = [step for step in config.test_dataloader.dataset.pipeline if step['type'] != 'ClipResize']
    if side is not None:
        steps.insert(1, dict(type='ClipResize', short_sides=(side,)))
    config.test_dataloader.dataset.pipeline = steps
    return config


@pytest.mark.parametrize('size, expected', [((240, 320), (240, 320)), ((2160, 3840), (240, 427))])
def test_large_frames_are_shrunk_where_the_config_does_not(size: tuple, expected: tuple) -> None:
    (result,) = VideoSegmenter(config_resizing_to(None), None).stream([np.zeros((*size, 3), np.uint8)])
    assert result.img_shape == expected and result.pred_sem_seg.sem_seg.shape[1:] == size


def test_a_configs_own_size_is_kept() -> None:
    (result,) = VideoSegmenter(config_resizing_to(64), None).stream([np.zeros((300, 400, 3), np.uint8)])
    assert result.img_shape == (64, 85)


@TRANSFORMS.register_module(force=True)
class SideOf64(ClipResize):
    """A resize of a user's own under a name of their own."""

    def __init__(self) -> None:
        super().__init__(short_sides=(64,))


def test_a_resize_is_known_by_its_role_whatever_its_name() -> None:
    config = config_resizing_to(None)
    config.test_dataloader.dataset.pipeline.insert(1, dict(type='SideOf64'))
    frame = np.zeros((300, 400, 3), np.uint8)
    for side, expected in ((None, (64, 85)), (32, (32, 43))):  # short_side takes its place
        (result,) = VideoSegmenter(config, None, short_side=side).stream([frame])
        assert result.img_shape == expected
