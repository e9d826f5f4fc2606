"""Files for other programs, read by pycocotools, Pillow and PyAV."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from gvseg.apis import CocoFile, CutoutFolder, DrawnVideo, MapFolder, SideBySideVideo, VideoFrame
from gvseg.utils.errors import WorkDirError
from tests.visualization.samples import (
    CLASSES,
    HEIGHT,
    WIDTH,
    empty_sample,
    with_instances,
    with_objects,
    with_panoptic,
)


def frame(number: int = 0, size: tuple[int, int] = (HEIGHT, WIDTH)) -> VideoFrame:
    """A frame of an mp4 whose pixels are blue 10, green 20, red 30."""
    image = np.broadcast_to(np.uint8([10, 20, 30]), (*size, 3))
    return VideoFrame(np.ascontiguousarray(image), f'{number} of a.mp4', f'{number:06d}', number / 10)


def add_all(file, makers: list) -> None:
    with file:
        for number, make in enumerate(makers):
            file.add(frame(number), make(empty_sample(frame=number)))


@pytest.mark.parametrize('make', [with_instances, with_panoptic, with_objects])
def test_pycocotools_reads_the_data_set(tmp_path: Path, make) -> None:
    from gvseg.visualization import predicted_segments

    path = tmp_path / 'new' / 'a.json'
    add_all(CocoFile(path, CLASSES, min_score=0.0), [make, make])
    found = COCO(str(path))
    expected = predicted_segments(make(empty_sample()), CLASSES, min_score=0.0)
    assert [image['file_name'] for image in found.imgs.values()] == ['000000.jpg', '000001.jpg']
    second = found.loadAnns(found.getAnnIds(imgIds=[1]))
    assert [entry['track_id'] for entry in second] == expected.ids.tolist()
    names = [found.cats[entry['category_id']]['name'] for entry in second]
    assert names == [expected.name(index) for index in range(len(expected))]
    for entry, mask in zip(second, expected.masks):
        np.testing.assert_array_equal(found.annToMask(entry), mask)
        assert entry['area'] == mask.sum()
    assert sorted(found.anns) == list(range(1, 2 * len(expected) + 1))


def test_objects_with_names_of_their_own_are_of_one_category(tmp_path: Path) -> None:
    def named(sample):
        sample = with_objects(sample)
        sample.set_metainfo(dict(object_names={int(sample.pred_object_map.sem_seg.max()): 'Rex'}))
        return sample

    add_all(CocoFile(tmp_path / 'a.json', ('object',)), [named])
    found = COCO(str(tmp_path / 'a.json'))
    assert [category['name'] for category in found.cats.values()] == ['object']
    assert [entry['name'] for entry in found.anns.values()][-1] == 'Rex'


def test_a_video_without_objects_is_a_data_set_too(tmp_path: Path) -> None:
    add_all(CocoFile(tmp_path / 'a.json', CLASSES), [])
    assert COCO(str(tmp_path / 'a.json')).anns == {}


def test_cut_outs_have_the_frames_colours_inside_and_nothing_outside(tmp_path: Path) -> None:
    add_all(CutoutFolder(tmp_path / 'cut', CLASSES), [with_objects])
    values = np.asarray(with_objects(empty_sample()).pred_object_map.sem_seg)[0]
    identities = sorted(set(np.unique(values).tolist()) - {0})
    assert sorted(path.name for path in (tmp_path / 'cut').iterdir()) == [f'{one:03d}' for one in identities]
    for identity in identities:
        picture = Image.open(tmp_path / 'cut' / f'{identity:03d}' / '000000.png')
        assert picture.mode == 'RGBA'
        pixels = np.asarray(picture)
        np.testing.assert_array_equal(pixels[values == identity], [[30, 20, 10, 255]] * (values == identity).sum())
        assert not pixels[values != identity].any()


def test_class_regions_are_cut_out_under_their_names(tmp_path: Path) -> None:
    from gvseg.visualization import predicted_segments

    add_all(CutoutFolder(tmp_path / 'cut', CLASSES), [with_panoptic])
    segments = predicted_segments(with_panoptic(empty_sample()), CLASSES)
    regions = {segments.name(index) for index in np.flatnonzero(~segments.individual)}
    assert regions and regions <= {path.name for path in (tmp_path / 'cut').iterdir()}


def test_maps_of_objects_have_davis_palette(tmp_path: Path) -> None:
    add_all(MapFolder(tmp_path / 'maps'), [with_objects])
    picture = Image.open(tmp_path / 'maps' / '000000.png')
    assert picture.mode == 'P'
    assert picture.getpalette()[:12] == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]  # as DAVIS' own files
    np.testing.assert_array_equal(
        np.asarray(picture), np.asarray(with_objects(empty_sample()).pred_object_map.sem_seg)[0]
    )


def shape_of(path: Path) -> tuple[int, int, int]:
    """Width, height and number of frames."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        return frames[0].width, frames[0].height, len(frames)


def test_input_and_drawing_lie_side_by_side(tmp_path: Path) -> None:
    add_all(SideBySideVideo(tmp_path / 'a.mp4', 10, CLASSES, columns=0), [with_objects] * 3)
    add_all(DrawnVideo(tmp_path / 'b.mp4', 10, CLASSES, columns=0), [with_objects] * 3)
    width, height, _ = shape_of(tmp_path / 'b.mp4')
    assert shape_of(tmp_path / 'a.mp4') == (2 * width + 4, height + 24, 3)  # a gap and a line of titles
    with av.open(str(tmp_path / 'a.mp4')) as container:
        left = next(container.decode(video=0)).to_ndarray(format='rgb24')[24:, :width]
    assert np.abs(left.astype(int) - (30, 20, 10)).max() < 12  # the frame as it was


def test_large_frames_are_shrunk_with_a_warning(tmp_path: Path) -> None:
    sample = with_objects(empty_sample())
    with (
        pytest.warns(UserWarning, match=r'a.mp4 shows the frames of 800x600 at 400x300 \(--max-side 0') as said,
        DrawnVideo(tmp_path / 'a.mp4', 10, CLASSES, columns=0, max_side=400) as file,
    ):
        for number in range(2):
            file.add(frame(number, (600, 800)), sample)
    assert len(said) == 1 and shape_of(tmp_path / 'a.mp4') == (400, 300, 2)


@pytest.mark.parametrize('make', [CocoFile, CutoutFolder])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, make) -> None:
    (tmp_path / 'file').write_text('')
    place = tmp_path / 'file' / 'a.json'
    with pytest.raises(WorkDirError, match=f'Cannot write {place}'):
        add_all(make(place, CLASSES), [with_objects])
