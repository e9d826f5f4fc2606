"""The study of links on counts, masks and a network of two videos that are made here."""
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from tests.test_analysis_tools import tool

pytestmark = pytest.mark.usefixtures('mmdet_scope')


@pytest.fixture(scope='module')
def script() -> ModuleType:
    return tool('association_study')


def test_a_link_counts_where_the_thing_is_found_on_both_sides(script: ModuleType) -> None:
    # Thing 0 keeps slot 3, then loses it; thing 1 is not found in the second clip, so it has no link at all.
    slots = [torch.tensor([3, 1]), torch.tensor([3, -1]), torch.tensor([2, 1])]
    assert script.count_kept(slots) == (1, 2)
    assert script.count_kept(slots[:1]) == (0, 0)


def test_a_thing_is_found_by_the_best_confident_query(script: ModuleType) -> None:
    truth = torch.zeros(3, 1, 4, 8, dtype=torch.bool)
    truth[0, 0, :, :4] = truth[1, 0, :, 4:] = True  # things of 16 pixels; the third is not visible
    found = torch.zeros(4, 1, 4, 8, dtype=torch.bool)
    found[0, 0, :, :4] = True
    found[1, 0, :, :3] = True  # thing 0 by 12/16
    found[2, 0, :, 4:6] = True  # thing 1 by 8/16, which is not above 0.5
    confident = torch.tensor([False, True, True, True])
    assert script.best_queries(truth, found, confident).tolist() == [1, -1, -1]
    assert script.best_queries(truth, found, ~confident).tolist() == [0, -1, -1]


def test_the_table_counts_links_of_all_videos_and_pairs_videos(script: ModuleType) -> None:
    counts = dict(a=np.array([[1, 2], [6, 6]]), b=np.array([[2, 2], [6, 6]]), c=np.array([[0, 2], [4, 6]]))
    lines = script.table(counts, samples=200).splitlines()
    assert lines[2].startswith('| a | 7/8 = 87.5 % | - | -12.5 (')
    assert lines[3] == '| b | 8/8 = 100.0 % | +12.5 (+0.0 to +50.0) | - |'
    assert lines[4].startswith('| c | 4/8 = 50.0 % | -37.5 (-50.0 to -33.3) | -50.0 (')


def test_the_network_runs_once_and_another_way_is_replayed(script: ModuleType, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = script.parse_arguments(['--out', str(tmp_path), '--videos', '2', '--frames', '6', '--seed', '3'])
    study = script.Study(arguments)
    videos = study.videos()
    assert [len(clips) for clips in videos.values()] == [2, 2]
    kept = study.kept(videos, {})
    assert (kept[:, 0] <= kept[:, 1]).all() and kept[:, 1].sum() > 0
    monkeypatch.setattr(script, 'load_model', None)  # nothing may run again
    again = script.Study(arguments).videos()
    assert (study.kept(again, dict(type='TrajectoryAssociator'))[:, 1] == kept[:, 1]).all()
    # Links by nothing: all scores are 0 and every query stays where it is.
    nothing = study.kept(again, dict(thing=dict(appearance=False, shape_position=False)))
    stayed = [script.count_kept([clip['things'] for clip in clips])[0] for clips in again.values()]
    assert nothing[:, 0].tolist() == stayed
