"""A folder of videos on a local Ray; skipped where Ray is not installed."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gvseg.apis import VideoSegmenter
from gvseg.utils.errors import InputError
from gvseg.visualization import VideoFile
from tests.apis.conftest import tiny_config
from tests.scripts import tool

segment_videos = tool('segment_videos')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two short videos and an empty file."""
    path = tmp_path / 'videos'
    for name in ('a', 'b'):
        with VideoFile(path / f'{name}.mp4', 10) as file:
            for value in (20, 120, 220):
                file.write(np.full((48, 64, 3), value, np.uint8))
    (path / 'c.mp4').write_bytes(b'')
    return path


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    """Options of an untrained model."""
    torch.manual_seed(0)
    weights = tmp_path / 'vss.pth'
    torch.save(dict(state_dict=VideoSegmenter(tiny_config('vss'), None).model.state_dict()), weights)
    out = str(tmp_path / 'out')
    return ['--config', tiny_config('vss'), '--checkpoint', str(weights), '--columns', '0', '--out', out]


def test_a_worker_segments_a_video_and_reports_a_bad_one(folder: Path, options: list[str], tmp_path: Path) -> None:
    worker = segment_videos.Worker([str(folder), *options])
    assert worker(dict(video=str(folder / 'a.mp4'))) == dict(
        video=str(folder / 'a.mp4'), written=str(tmp_path / 'out' / 'a.mp4'), error=''
    )
    assert (tmp_path / 'out' / 'a.mp4.done').is_file()
    assert 'c.mp4 is empty' in worker(dict(video=str(folder / 'c.mp4')))['error']


def test_what_follows_options_is_for_gvseg_segment() -> None:
    parsed = segment_videos.parse_arguments(
        ['videos', '--workers', '4', '--options', '--task', 'vps', '--save', 'coco']
    )
    assert (parsed.folder, parsed.workers) == (Path('videos'), 4)
    assert parsed.options == ['--task', 'vps', '--save', 'coco']


def test_ray_is_asked_for_in_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'ray', None)
    with pytest.raises(InputError, match=r'need the package ray: pip install "ray\[data\]"'):
        segment_videos.segment_all(folder, ['--task', 'vss'], 1, 1, 0)


def test_a_local_ray_segments_what_is_unfinished(folder: Path, options: list[str], tmp_path: Path) -> None:
    ray = pytest.importorskip('ray')
    ray.cloudpickle.register_pickle_by_value(segment_videos)  # a script is no module that workers can import
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        (tmp_path / 'out').mkdir()
        (tmp_path / 'out' / 'a.mp4.done').write_text('')
        rows = segment_videos.segment_all(folder, options, 1, 1, 0)
    finally:
        ray.shutdown()
    found = {Path(row['video']).name: (Path(row['written']).name, bool(row['error'])) for row in rows}
    assert found == {'b.mp4': ('b.mp4', False), 'c.mp4': ('', True)}
    assert (tmp_path / 'out' / 'b.mp4.done').is_file()
