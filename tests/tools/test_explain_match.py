"""The picture of a link between two clips, on a generated video and a shipped model."""

from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from gvseg.apis import VideoSegmenter, shipped_model
from gvseg.models.tracking import SPAAssociator
from gvseg.moving_shapes import SplitSettings, generate_split
from tests.models.test_associator import prediction
from tests.scripts import ROOT, tool

pytestmark = pytest.mark.usefixtures('mmdet_scope')


@pytest.fixture(scope='module')
def script() -> ModuleType:
    return tool('explain_match')


@pytest.fixture(scope='module')
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp('shapes')
    generate_split(root, SplitSettings('val', 1, 7, 3))
    (folder,) = (root / 'val/ytvis/JPEGImages').iterdir()
    return folder


def explain(script: ModuleType, task: str, video: Path, *options: str) -> np.ndarray:
    return script.explain(script.parse_arguments([str(video), '--task', task, *options]))


def test_twins_that_changed_places_differ_in_place_only(script: ModuleType) -> None:
    associator = SPAAssociator()
    associator.track(prediction([(2, 2), (30, 50)], [0, 0]))
    match = script.Match(1, before=associator.state, clip=prediction([(30, 50), (2, 2)], [0, 0]))
    match.slots = torch.tensor([1, 0])
    tables, rows, columns = script.affinities(associator, match)
    assert rows == [0, 1] and columns == [0, 1]
    np.testing.assert_allclose(tables['affinity by appearance'], 1, atol=1e-5)
    np.testing.assert_allclose(np.diag(tables['affinity by shape and position'][:, ::-1]), 1, atol=1e-5)
    assert np.diag(tables['affinity by shape and position']).max() < 0.9


@pytest.mark.parametrize('task', ['vps', 'vss'])
def test_frames_affinities_and_descriptors_make_one_picture(script: ModuleType, task: str, video: Path) -> None:
    picture = explain(script, task, video, '--clip', '2')
    assert picture.shape[0] >= 2 * script.ROW_HEIGHT and picture.dtype == np.uint8 and picture.std() > 20


def test_a_frame_names_its_clip(script: ModuleType) -> None:
    def clip(frame: int, **clips: int) -> int:
        arguments = script.parse_arguments(['video.mp4', '--task', 'vps', '--frame', str(frame)])
        return script.wanted_clip(SimpleNamespace(**clips), arguments)

    assert [clip(frame, clip_length=3, clip_overlap=0) for frame in (3, 5, 6)] == [1, 1, 2]
    assert [clip(frame, clip_length=3, clip_overlap=2) for frame in (3, 4, 6)] == [1, 2, 4]  # frame 3 is last of 1-3


def test_the_score_that_decides_is_shown(script: ModuleType, video: Path) -> None:
    segmenter = VideoSegmenter(*shipped_model('vps', ROOT))
    match = script.Match(1)
    script.watch(segmenter.model, match)
    list(segmenter.segment(video))
    tables, rows, columns = script.affinities(segmenter.model.associator, match)
    assert len(tables) == 4 and {table.shape for table in tables.values()} == {(len(rows), len(columns))}


@pytest.mark.parametrize(
    'task, options, message',
    [
        ('vps', ['--clip', '5'], '--clip must be 1 to 2, not 5'),
        ('vps', ['--frame', '2'], 'in the first clip'),
        ('evs', [], 'slots are fixed'),
    ],
)
def test_what_cannot_be_explained(script: ModuleType, task: str, options: list, message: str, video: Path) -> None:
    with pytest.raises(ValueError, match=message):
        explain(script, task, video, *options)
