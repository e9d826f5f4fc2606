"""Click and follow: prompts choose among the tubes of shipped VIS, VPS and VSS models, through API and command line."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config

from gvseg.apis import VideoSegmenter, class_names
from gvseg.apis.loading import shipped_model
from gvseg.apis.track_selection import with_selected_tracks
from gvseg.cli.main import main
from gvseg.formats.png_maps import read_label_map
from gvseg.utils.errors import InputError

from .conftest import tiny_config

pytestmark = pytest.mark.usefixtures('mmdet_scope')


@pytest.fixture(scope='module')
def clip(shapes: Path) -> tuple[list[str], int, np.ndarray]:
    """Pictures of a generated video, and the id and mask of its largest object in the first frame."""
    paths = sorted(str(path) for path in (shapes / 'val/ytvos/JPEGImages').glob('*/*.jpg'))
    ids = read_label_map(paths[0].replace('JPEGImages', 'Annotations').replace('.jpg', '.png'))
    numbers, areas = np.unique(ids[(ids > 0) & (ids < 255)], return_counts=True)
    largest = int(numbers[areas.argmax()])
    return paths, largest, ids == largest


def iou(first: np.ndarray, second: np.ndarray) -> float:
    return (first & second).sum() / max((first | second).sum(), 1)


def truth(path: str, identity: int) -> np.ndarray:
    """The object's mask in a frame."""
    return read_label_map(path.replace('JPEGImages', 'Annotations').replace('.jpg', '.png')) == identity


@pytest.mark.parametrize('task', ['vis', 'vps'])
def test_a_point_is_enough_to_follow_an_object(task: str, clip) -> None:
    paths, identity, mask = clip
    segmenter = VideoSegmenter(*shipped_model(task), select_tracks=True)
    rows, columns = np.nonzero(mask)
    middle = len(rows) // 2
    result = segmenter(paths, objects=[dict(frame_index=0, point=(columns[middle], rows[middle]))])
    assert segmenter.takes_objects and result[0].names == ('object',)
    found = [frame.masks[frame.ids.tolist().index(1)] for frame in result if 1 in frame.ids]
    assert len(found) == len(paths)
    assert np.mean([iou(mask, truth(path, identity)) for mask, path in zip(found, paths)]) > 0.6


def test_an_object_that_is_shown_later_starts_there(clip) -> None:
    paths, identity, _ = clip
    segmenter = VideoSegmenter(*shipped_model('vps'), select_tracks=True)
    result = segmenter(paths, objects=[dict(frame_index=3, mask=truth(paths[3], identity), identity=5)])
    assert [5 in frame.ids for frame in result] == [False] * 3 + [True] * (len(paths) - 3)


def test_what_no_tube_covers_is_said_and_the_other_is_followed(clip) -> None:
    paths, _, mask = clip
    segmenter = VideoSegmenter(*shipped_model('vis'), select_tracks=True)
    rows, columns = np.nonzero(mask)
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    everything = (0, 0, mask.shape[1], mask.shape[0])
    with pytest.warns(UserWarning, match='Object 2, shown in frame 0, is in no tube of this model'):
        result = segmenter(paths[:4], objects=[dict(frame_index=0, box=box), dict(frame_index=0, box=everything)])
    assert {identity for frame in result for identity in frame.ids.tolist()} == {1}


def test_the_config_of_a_model_that_takes_prompts_is_left_alone() -> None:
    config = Config.fromfile(tiny_config('evs'))
    assert with_selected_tracks(config) is config
    vis = Config.fromfile(tiny_config('vis'))
    changed = with_selected_tracks(vis)
    assert changed.model.task_output == dict(type='SelectedTracks') and vis.model.task_output.type == 'InstanceOutput'
    assert class_names(changed) == ('object',) != class_names(vis)


def test_without_it_prompts_are_refused_with_the_way_out() -> None:
    segmenter = VideoSegmenter(tiny_config('vis'), None)
    with pytest.raises(InputError, match='takes no object prompts: .*select_tracks=True'):
        segmenter.add_object(0, point=(1, 1))


def test_points_on_the_command_line_choose_tubes(clip, tmp_path: Path, capsys) -> None:
    paths, _, mask = clip
    rows, columns = np.nonzero(mask)
    point = f'0:{columns[len(rows) // 2]},{rows[len(rows) // 2]}'
    out = tmp_path / 'a.mp4'
    options = ['--task', 'vps', '--shapes', '--points', point, '--out', str(out), '--save-png', '--columns', '0']
    assert main(['segment', str(Path(paths[0]).parent), *options]) == 0
    maps = sorted((tmp_path / 'a').glob('*.png'))
    assert len(maps) == len(paths) and set(np.unique(read_label_map(str(maps[-1])))) == {0, 1}
