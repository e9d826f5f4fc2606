"""VSPW: values of maps, pairs of frames and maps."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gvseg.evaluation.functional.benchmarks.vspw import evaluate_vspw
from gvseg.formats.errors import InputError
from gvseg.formats.vspw import check_num_classes, pair_frames, read_labels, to_labels


def test_stored_values_are_classes_plus_one() -> None:
    assert to_labels(np.array([[0, 1, 124, 255]], np.uint8), 'm.png').tolist() == [[255, 0, 123, 255]]
    with pytest.raises(InputError, match=r'm.png: label 125 is out of range; values are 1..124 and \(0, 255\) for'):
        to_labels(np.array([[125]], np.uint8), 'm.png')


def test_own_classes_have_their_own_range(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 1, 2, 255]], np.uint8)).save(tmp_path / 'm.png')
    assert read_labels(tmp_path / 'm.png', 2).tolist() == [[255, 0, 1, 255]]
    with pytest.raises(InputError, match='m.png: label 2 is out of range'):
        read_labels(tmp_path / 'm.png', 1)
    with pytest.raises(InputError, match='a: 255 classes; maps of 8 bits hold 1..254'):
        check_num_classes(255, 'a')


def folders(root: Path, images: list[str], maps: list[str]) -> tuple[Path, Path]:
    for folder, names in (('origin', images), ('mask', maps)):
        (root / folder).mkdir()
        for name in names:
            (root / folder / name).touch()
    return root / 'origin', root / 'mask'


def test_frames_and_maps_are_paired_in_natural_order(tmp_path: Path) -> None:
    pairs = pair_frames(*folders(tmp_path, ['10.jpg', '9.jpg', '8.JPG'], ['10.png', '8.png']))
    assert [(pair.image.name, pair.map and pair.map.name) for pair in pairs] == [
        ('8.JPG', '8.png'),
        ('9.jpg', None),
        ('10.jpg', '10.png'),
    ]


def test_a_map_without_a_frame_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='mask: the map 0001.png has no frame of its name in .*origin'):
        pair_frames(*folders(tmp_path, ['1.jpg'], ['0001.png']))


@pytest.mark.parametrize('name', ['{}', '{:04d}'])
def test_windows_follow_the_numbers_of_the_frames(tmp_path: Path, name: str) -> None:
    # 12 frames of one class; half of the predicted pixels change in frame 11: only the last of 4 windows contains it.
    (tmp_path / 'gt/data/v/mask').mkdir(parents=True), (tmp_path / 'pred/v').mkdir(parents=True)
    (tmp_path / 'gt/val.txt').write_text('v')
    for number in range(1, 13):
        file = f'{name.format(number)}.png'
        Image.fromarray(np.ones((2, 2), np.uint8)).save(tmp_path / 'gt/data/v/mask' / file)
        guess = np.zeros((2, 2), np.uint8)
        guess[0] = number >= 11
        Image.fromarray(guess).save(tmp_path / 'pred/v' / file)
    assert evaluate_vspw(str(tmp_path / 'gt'), str(tmp_path / 'pred'))['VC8'] == pytest.approx((3 * 1 + 1 * 0.5) / 4)
