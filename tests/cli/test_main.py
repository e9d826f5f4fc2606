"""The console command: help without large libraries, dispatch, a folder of videos in shards."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gvseg.apis import VideoSegmenter
from gvseg.cli.folder import videos_of
from gvseg.cli.main import main
from gvseg.utils.arguments import part
from gvseg.version import __version__
from gvseg.visualization import VideoFile
from tests.scripts import ROOT

CONFIG = str(next((ROOT / 'configs/vss').glob('gvseg-*_tiny_*_moving-shapes.py')))


def test_help_version_and_a_slip_need_no_large_library() -> None:
    code = (
        'import sys\nfrom gvseg.cli.main import main\n'
        'for given in (["--help"], ["--version"], ["segmnt"], ["segment", "--help"], ["evaluate", "--help"], []):\n'
        '    try:\n        main(given)\n    except SystemExit as end:\n        print("status", end.code)\n'
        'assert not {"torch", "mmdet", "mmengine"} & set(sys.modules)\n'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.count('status 0') == 5 and done.stdout.count('status 2') == 1
    assert f'gvseg {__version__}' in done.stdout and 'usage: gvseg segment' in done.stdout
    assert "invalid choice: 'segmnt'" in done.stderr


def test_a_benchmark_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(['evaluate', 'davis', '--gt', str(tmp_path), '--pred', str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith('error: ')


def test_the_demo_draws_a_generated_video(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(['demo', '--task', 'vss', '--frames', '3', '--out', str(tmp_path)]) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert {'shapes_28.mp4', 'shapes_28_vss.mp4', 'shapes_28_vss.png'} == names


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """Three short videos, one of them empty."""
    folder = tmp_path / 'videos'
    folder.mkdir()
    with VideoFile(folder / 'a1.mp4', fps=10) as file:
        for shade in (60, 90):
            file.write(np.full((48, 64, 3), shade, np.uint8))
    shutil.copy(folder / 'a1.mp4', folder / 'a10.mp4')
    (folder / 'a2.mp4').write_bytes(b'')
    (folder / 'notes.txt').write_text('')
    return folder


@pytest.fixture
def model(tmp_path: Path) -> list[str]:
    """Options that choose an untrained model."""
    torch.manual_seed(0)
    weights = tmp_path / 'vss.pth'
    torch.save(dict(state_dict=VideoSegmenter(CONFIG, None).model.state_dict()), weights)
    return ['--config', CONFIG, '--checkpoint', str(weights), '--columns', '0']


def test_a_folder_of_videos_goes_on_where_it_was_stopped(videos: Path, model: list, tmp_path: Path, capsys) -> None:
    out = tmp_path / 'out'
    command = ['segment', str(videos), *model, '--out', str(out), '--save-png']
    assert main([*command, '--shard', '2/2']) == 2  # a2 alone, which is empty
    said = capsys.readouterr()
    assert '1 of 3 videos, 0 of them finished before' in said.out and 'a2.mp4 is empty' in said.err
    assert main([*command, '--shard', '1/2']) == 0
    assert {path.name for path in out.iterdir()} == {
        *('a1.mp4', 'a1', 'a1.mp4.done'),
        *('a10.mp4', 'a10', 'a10.mp4.done'),
    }
    (out / 'a10.mp4.done').unlink()
    before = (out / 'a1.mp4').stat().st_mtime_ns
    capsys.readouterr()
    assert main(command) == 2
    assert '3 of 3 videos, 1 of them finished before' in capsys.readouterr().out
    assert (out / 'a1.mp4').stat().st_mtime_ns == before and (out / 'a10.mp4.done').is_file()


def test_batches_write_what_videos_one_by_one_do(videos: Path, model: list, tmp_path: Path, capsys) -> None:
    command = ['segment', str(videos), *model, '--save-png', '--save-json', '--out']
    assert main([*command, str(tmp_path / 'one'), '--batch-size', '4', '--shard', '1/2']) == 0
    assert main([*command, str(tmp_path / 'one'), '--batch-size', '4']) == 2  # a2 is empty
    assert '3 of 3 videos, 2 of them finished before' in capsys.readouterr().out
    (tmp_path / 'one/a1.mp4.done').unlink()
    assert main([*command, str(tmp_path / 'one'), '--batch-size', '4']) == 2  # a1 and a2 share a batch
    said = capsys.readouterr()
    assert '3 of 3 videos, 1 of them finished before' in said.out and 'a2.mp4 is empty' in said.err
    assert main([*command, str(tmp_path / 'other')]) == 2
    written = [
        {str(path.relative_to(root)): path.read_bytes() for path in root.rglob('*') if path.suffix in ('.json', '.png')}
        for root in (tmp_path / 'one', tmp_path / 'other')
    ]
    assert written[0] == written[1] and len(written[0]) == 6  # two maps and a table for a1 and a10
    assert (tmp_path / 'one/a1.mp4.done').is_file() and not (tmp_path / 'one/a2.mp4.done').exists()


def test_one_video_may_be_segmented_in_batches(videos: Path, model: list, tmp_path: Path) -> None:
    command = ['segment', str(videos / 'a1.mp4'), *model, '--out', str(tmp_path / 'a1.mp4'), '--batch-size', '2']
    assert main(command) == 0 and (tmp_path / 'a1.mp4').stat().st_size


def test_batches_of_prompted_objects_are_refused(videos: Path, model: list, tmp_path: Path, capsys) -> None:
    command = ['segment', str(videos), *model, '--out', str(tmp_path / 'out'), '--batch-size', '2', '--points', '0:9,9']
    with pytest.raises(SystemExit) as stopped:
        main(command)
    assert stopped.value.code == 2 and '--batch-size 2: clips of prompted objects' in capsys.readouterr().err


def test_videos_are_taken_in_natural_order(videos: Path, tmp_path: Path) -> None:
    assert [path.name for path in videos_of([str(videos)])] == ['a1.mp4', 'a2.mp4', 'a10.mp4']
    assert videos_of([str(videos / 'a1.mp4')]) == [] and videos_of([str(tmp_path)]) == []


def test_one_place_for_all_videos_is_refused(videos: Path, model: list, tmp_path: Path, capsys) -> None:
    assert main(['segment', str(videos), *model, '--save-json', str(tmp_path / 'a.json')]) == 2
    assert '--save-json names one place for all videos' in capsys.readouterr().err


def test_a_shard_is_of_a_folder(videos: Path, model: list, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(['segment', str(videos / 'a1.mp4'), *model, '--shard', '1/2'])
    assert stopped.value.code == 2 and '--shard divides a folder of videos' in capsys.readouterr().err


@pytest.mark.parametrize('text', ['0/2', '3/2', '1', 'a/b', '1/0', '-1/2'])
def test_shards_count_from_one(text: str) -> None:
    assert part('3/8') == (3, 8)
    with pytest.raises(argparse.ArgumentTypeError, match='is not I/N with I from 1 to N'):
        part(text)
