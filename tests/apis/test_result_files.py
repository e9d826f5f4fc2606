"""Files written frame by frame, against answers made by hand."""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from gvseg.apis import DrawnVideo, MapFolder, TubeFile, VideoFrame
from gvseg.apis.drawn_video import SpacedFrames
from gvseg.apis.result_files import to_palette_png
from gvseg.utils.errors import WorkDirError
from tests.visualization.samples import (
    CLASSES,
    HEIGHT,
    WIDTH,
    columns,
    empty_sample,
    with_instances,
    with_objects,
    with_panoptic,
    with_semantic,
)

TASKS = dict(vis=with_instances, vps=with_panoptic, vss=with_semantic, evs=with_objects)


def frame(number: int = 0, time: float | None = None) -> VideoFrame:
    return VideoFrame(np.full((HEIGHT, WIDTH, 3), 90, np.uint8), f'{number} of a.mp4', f'{number:06d}', time)


def written(path: Path, tasks: list) -> list[dict]:
    """The tubes of frames made by the given functions."""
    with TubeFile(path, CLASSES) as file:
        for number, make in enumerate(tasks):
            file.add(frame(number), make(empty_sample(frame=number)))
    return json.loads(path.read_text())


def decoded(rle: dict) -> np.ndarray:
    return coco_mask.decode(dict(rle, counts=rle['counts'].encode())).astype(bool)


def nothing(sample):
    """A frame in which no instance was found."""
    sample = with_instances(sample)
    sample.pred_track_instances = sample.pred_track_instances[:0]
    return sample


def test_instances_become_tubes(tmp_path: Path) -> None:
    tubes = written(tmp_path / 'new' / 'a.json', [nothing, with_instances, nothing, with_instances, nothing])
    assert [tube['instance_id'] for tube in tubes] == [5, 6, 7]  # doubtful ones too
    first = tubes[0]
    assert (first['video_id'], first['category_id'], first['category']) == (1, 2, 'dog')
    assert first['score'] == pytest.approx(0.9)
    assert [mask is None for mask in first['segmentations']] == [True, False, True, False, True]
    np.testing.assert_array_equal(decoded(first['segmentations'][1]), columns(0, 2))
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['a.json']


def test_a_tubes_class_is_the_one_with_the_greatest_sum_of_scores(tmp_path: Path) -> None:
    def other_class(sample):
        sample = with_instances(sample)
        sample.pred_track_instances.labels[0] = 0
        sample.pred_track_instances.scores[0] = 0.5
        return sample

    tube = written(tmp_path / 'a.json', [with_instances, other_class, other_class])[0]  # 0.9 against 1.0
    assert (tube['category'], tube['score']) == ('cat', pytest.approx(0.5))


@pytest.mark.parametrize(
    'task, expected',
    [
        ('vps', [(5, 'dog', 0, 2), (2, 'sky', 4, 8)]),
        ('vss', [(1, 'dog', 0, 4), (2, 'sky', 4, 8)]),
        ('evs', [(5, 'cat', 0, 2)]),
    ],
)
def test_segments_of_all_tasks_become_tubes(tmp_path: Path, task: str, expected: list) -> None:
    tubes = written(tmp_path / 'a.json', [TASKS[task]] * 2)
    assert [(tube['instance_id'], tube['category'], tube['score']) for tube in tubes] == [
        (identity, name, 1.0) for identity, name, _, _ in expected
    ]
    for tube, (_, _, first, end) in zip(tubes, expected):
        np.testing.assert_array_equal(decoded(tube['segmentations'][1]), columns(first, end))


def test_a_video_without_segments_is_an_empty_list(tmp_path: Path) -> None:
    assert written(tmp_path / 'a.json', [nothing]) == []


def test_tubes_survive_an_interruption(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        with TubeFile(tmp_path / 'a.json', CLASSES) as file:
            file.add(frame(), with_objects(empty_sample()))
            raise KeyboardInterrupt
    assert len(json.loads((tmp_path / 'a.json').read_text())[0]['segmentations']) == 1


@pytest.mark.parametrize(
    'task, expected',
    [('vis', [6, 6, 7, 7, 0, 0, 0, 0]), ('vss', [1, 1, 1, 1, 2, 2, 2, 2]), ('evs', [5, 5, 0, 0, 0, 0, 0, 0])],
)
def test_maps_are_palette_pictures(tmp_path: Path, task: str, expected: list) -> None:
    with MapFolder(tmp_path / 'maps') as folder:
        folder.add(frame(3), TASKS[task](empty_sample()))
    with Image.open(tmp_path / 'maps' / '000003.png') as image:
        assert image.mode == 'P' and image.getpalette()[3:6] == [128, 0, 0]
        np.testing.assert_array_equal(np.asarray(image), np.tile(expected, (HEIGHT, 1)))


def test_panoptic_maps_have_kitti_steps_colours(tmp_path: Path) -> None:
    MapFolder(tmp_path).add(frame(), with_panoptic(empty_sample()))
    with Image.open(tmp_path / '000000.png') as image:
        row = np.asarray(image)[0].tolist()
    assert row == [[1, 0, 5]] * 2 + [[255] * 3] * 2 + [[2, 0, 0]] * 4


def test_large_numbers_take_16_bits() -> None:
    image = to_palette_png(np.array([[0, 256]]))
    assert image.mode.startswith('I;16') and np.asarray(image).tolist() == [[0, 256]]


def test_a_drawn_video_keeps_the_pace_of_its_source(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.5, 0.6, 1.6]
    with DrawnVideo(tmp_path / 'a.mp4', 10, CLASSES, columns=2) as file:
        for number, seconds in enumerate(times):
            file.add(frame(number, seconds), with_panoptic(empty_sample(frame=number)))
    with av.open(str(tmp_path / 'a.mp4')) as container:
        assert [round(shown.time, 3) for shown in container.decode(video=0)] == times
    assert {path.name for path in tmp_path.iterdir()} == {'a.mp4', 'a.png'} == {path.name for path in file.paths}


@pytest.mark.parametrize(
    'make', [lambda path: TubeFile(path / 'a.json'), MapFolder, lambda path: DrawnVideo(path / 'a.mp4', 10, CLASSES)]
)
def test_what_cannot_be_written_is_named(tmp_path: Path, make) -> None:
    (tmp_path / 'file').write_text('')
    place = tmp_path / 'file' / 'below'  # root may write anywhere, but not under a file
    with pytest.raises(WorkDirError, match=f'Cannot write {place}'):
        make(place).add(frame(), with_objects(empty_sample()))


@contextmanager
def read_only_folder() -> Iterator[Path]:
    """A folder that may be read but not written, for root as well, who becomes somebody else meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        root = os.geteuid() == 0
        try:
            os.chmod(name, 0o555)
            if root:
                os.seteuid(65534)
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)
            os.chmod(name, 0o755)


@pytest.mark.parametrize(
    'make',
    [
        lambda path: TubeFile(path / 'a.json'),
        lambda path: MapFolder(path / 'maps'),
        MapFolder,
        lambda path: DrawnVideo(path / 'a.mp4', 10, CLASSES),
    ],
)
def test_a_read_only_folder_is_named(make) -> None:
    with read_only_folder() as folder:
        with pytest.raises(WorkDirError, match=f'Cannot write {folder}.*Permission denied.*choose another folder'):
            make(folder).add(frame(), with_objects(empty_sample()))
        assert not list(folder.iterdir())


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr('gvseg.formats.files.os.replace', full)
    file = TubeFile(tmp_path / 'a.json', CLASSES)
    file.add(frame(), with_objects(empty_sample()))
    with pytest.raises(WorkDirError, match='a.json: No space left'):
        file.close()
    assert not list(tmp_path.iterdir())


def test_kept_frames_are_bounded_and_evenly_spaced() -> None:
    kept = SpacedFrames(4)
    for index in range(1000):
        if kept.due():
            kept.add(index)
    assert len(kept.kept) <= 8
    indices = [index for index, _ in kept.chosen()]
    assert len(indices) == 4 and indices[0] == 0 and indices[-1] >= 750
