"""The study of links on counts, masks and a network of two videos that are made here."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gvseg.evaluation.functional.measures.slot_association import kept_links
from tests.scripts import tool

pytestmark = pytest.mark.usefixtures('mmdet_scope')


@pytest.fixture(scope='module')
def script() -> ModuleType:
    return tool('association_study')


def test_the_table_counts_links_of_all_videos_and_pairs_videos(script: ModuleType) -> None:
    scores = {
        name: script.Score(np.array(kept), np.array([[1.5, 2], [3, 4]]))
        for name, kept in dict(a=[[1, 2], [6, 6]], b=[[2, 2], [6, 6]], c=[[0, 2], [4, 6]]).items()
    }
    lines = script.table(scores, samples=200).splitlines()
    assert lines[2].startswith('| a | 87.5 of 8 | - | -12.5 (') and '| 75.0 of 6 | - |' in lines[2]
    assert lines[3] == '| b | 100.0 of 8 | +12.5 (+0.0 to +50.0) | - | 75.0 of 6 | +0.0 (+0.0 to +0.0) | - |'
    assert lines[4].startswith('| c | 50.0 of 8 | -37.5 (-50.0 to -33.3) | -50.0 (')


def test_the_network_runs_once_and_another_way_is_replayed(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = script.parse_arguments(['--out', str(tmp_path), '--videos', '2', '--frames', '6', '--seed', '3'])
    study = script.Study(arguments)
    videos = study.videos()
    assert [len(clips) for clips in videos.values()] == [2, 2]
    kept, assa = study.score(videos, {})
    assert (kept[:, 0] <= kept[:, 1]).all() and kept[:, 1].sum() > 0 and (assa[:, 0] > 0).all()
    monkeypatch.setattr('gvseg.apis.loading.load_model', None)  # nothing may run again
    again = script.Study(arguments).videos()
    assert (study.score(again, dict(type='TrajectoryAssociator')).kept[:, 1] == kept[:, 1]).all()
    # Links by nothing: all scores are 0 and every query stays where it is.
    nothing = study.score(again, dict(thing=dict(appearance=False, shape_position=False))).kept
    stayed = [kept_links(np.stack([clip['things'].numpy() for clip in clips]))[0] for clips in again.values()]
    assert nothing[:, 0].tolist() == stayed
