"""Results of a video as arrays, tables, pictures and files: hand-made ones, and those of small models."""

import sys
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from gvseg.apis import FrameResult, VideoResult, VideoSegmenter
from gvseg.utils.errors import InputError
from gvseg.visualization import FrameSegments

from .conftest import FIELDS, HEIGHT, WIDTH, content


def hand_made(index: int = 0) -> FrameResult:
    """A thing of 2 x 3 pixels from (1, 2) on, id 7, and a region of the last row; frame of 6 x 8."""
    masks = np.zeros((2, 6, 8), bool)
    masks[0, 2:4, 1:4] = True
    masks[1, 5] = True
    segments = FrameSegments(
        masks, np.array([1, 0]), np.array([7, 0]), np.array([True, False]), ('road', 'car'), np.array([0.75, 0.5])
    )
    return FrameResult.from_segments(segments, index, time=0.5)


def test_fields_of_a_frame() -> None:
    found = hand_made()
    assert len(found) == 2 and found.names == ('car', 'road') and found.size == (6, 8)
    assert found.ids.tolist() == [7, 0] and found.labels.tolist() == [1, 0] and found.is_thing.tolist() == [True, False]
    assert found.boxes.tolist() == [[1, 2, 4, 4], [0, 5, 8, 6]]
    assert found.masks.dtype == bool and found.masks.sum((1, 2)).tolist() == [6, 8] and found.masks[0, 3, 3]
    assert found.scores.tolist() == [0.75, 0.5]


def test_a_frame_without_objects_has_empty_fields() -> None:
    nothing = FrameSegments(np.zeros((0, 6, 8), bool), *(np.zeros(0, np.int64),) * 2, np.zeros(0, bool))
    found = FrameResult.from_segments(nothing, 3)
    assert found.masks.shape == (0, 6, 8) and found.boxes.shape == (0, 4) and found.to_coco() == []
    assert found.plot(np.zeros((6, 8, 3), np.uint8)).std() == 0


def test_coco_results() -> None:
    thing = hand_made(index=4).to_coco()[0]
    assert {key: thing[key] for key in ('image_id', 'category_id', 'track_id', 'score', 'area')} == dict(
        image_id=4, category_id=2, track_id=7, score=0.75, area=6
    )
    assert thing['bbox'] == [1, 2, 3, 2] and thing['segmentation']['size'] == [6, 8]


def test_a_table_has_a_row_for_every_object_of_every_frame() -> None:
    table = VideoResult([hand_made(0), hand_made(1)], None, ('road', 'car')).to_pandas()
    assert table.frame.tolist() == [0, 0, 1, 1] and table.name.tolist() == ['car', 'road'] * 2
    assert table[['x1', 'y1', 'x2', 'y2', 'area']].values[0].tolist() == [1, 2, 4, 4, 6]


def test_supervision_gets_its_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'supervision', SimpleNamespace(Detections=lambda **fields: fields))
    given = hand_made().to_supervision()
    assert given['xyxy'].tolist()[0] == [1, 2, 4, 4] and given['mask'].shape == (2, 6, 8)
    assert given['tracker_id'].tolist() == [7, 0] and given['data']['class_name'].tolist() == ['car', 'road']


@pytest.mark.parametrize('package, method', [('supervision', 'to_supervision'), ('pandas', 'to_pandas')])
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, package: str, method: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=f'^{method}.. needs the package {package}: pip install {package}$'):
        getattr(VideoResult([hand_made()], None, ()), method)()


def test_a_picture_needs_the_frame() -> None:
    with pytest.raises(InputError, match='Frame 0 was not kept'):
        hand_made().plot()
    with pytest.raises(InputError, match=r'The image is \(5, 8, 3\), the result of frame 0 is of \(6, 8\) pixels'):
        hand_made().plot(np.zeros((5, 8, 3), np.uint8))


@pytest.mark.parametrize('task', FIELDS)
def test_a_call_gives_what_the_stream_gives(segmenters: dict[str, VideoSegmenter], folder: Path, task: str) -> None:
    segmenter = segmenters[task]
    objects = [dict(frame_index=0, box=(8, 16, 24, 32))] if segmenter.takes_objects else []
    result = segmenter(folder, objects=objects, min_score=0.0)
    for shown in objects:
        segmenter.add_object(**shown)
    samples = list(segmenter.segment(folder))
    assert len(result) == len(samples) == 7 and [frame.index for frame in result] == list(range(7))
    for frame, sample in zip(result, samples):
        expected = np.asarray(content(sample, task))
        if task == 'vis':
            assert frame.masks.sum() == expected.sum()
        elif task == 'vss':
            assert np.array_equal(frame.masks.sum(0), np.ones((HEIGHT, WIDTH)))
            assert all((expected[0][mask] == label).all() for mask, label in zip(frame.masks, frame.labels))
        elif task == 'evs':
            assert np.array_equal(frame.masks.any(0), expected[0] > 0)


def test_a_result_is_drawn_and_written(segmenters: dict, folder: Path, tmp_path: Path) -> None:
    result = segmenters['vss'](folder)
    result.save(tmp_path / 'out.mp4')
    with av.open(str(tmp_path / 'out.mp4')) as container:
        assert len(list(container.decode(video=0))) == 7
    drawn = result.plot(-1)
    image = cv2.imread(str(folder / '006.png'))[..., ::-1]
    assert drawn.dtype == np.uint8 and np.array_equal(drawn, result[6].plot(image))
    result[6].save(tmp_path / 'frame.png', image)
    assert np.array_equal(cv2.imread(str(tmp_path / 'frame.png'))[..., ::-1], drawn)
    with pytest.raises(InputError, match='an mp4 is written'):
        result.save(tmp_path / 'out.avi')


def test_results_carry_their_images(segmenters: dict, frames: list[np.ndarray]) -> None:
    first = next(segmenters['vss'].results(frames))
    assert np.array_equal(first.image, frames[0][..., ::-1]) and first.plot().std() > 0
    segmenters['vss'].reset()
