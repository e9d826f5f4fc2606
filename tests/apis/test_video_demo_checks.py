"""What the demo refuses before any work, and how it ends."""

import json
import runpy
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from gvseg.cli.prompts import read_value
from gvseg.cli.segment_options import parse_arguments

from .conftest import ROOT
from .test_video_decoding import write_clip
from .test_video_demo import demo, frames_in, heed_interrupts, model, run  # noqa: F401


@pytest.fixture
def no_model(demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading a model is work that must not have begun."""

    def fail(*arguments: object) -> None:
        raise AssertionError('a model is loaded')

    monkeypatch.setattr(demo, 'VideoSegmenter', fail)


def refused(demo, monkeypatch, capsys, arguments: list) -> str:
    """The one line that the demo prints."""
    with pytest.raises(SystemExit) as stopped:
        run(demo, monkeypatch, [str(argument) for argument in arguments])
    error = capsys.readouterr().err.strip()
    assert stopped.value.code == 2 and '\n' not in error
    return error


@pytest.mark.parametrize(
    'options, message',
    [
        (['--device', 'cuda:99'], 'Device cuda:99 is not there'),
        (['--device', 'gpu'], "no device 'gpu'"),
        (['--out', '{}'], ' is a folder: give the name of a file, for example {}/result'),
        (['--out', '{}/new/'], 'an mp4 is written, so give a name that ends in .mp4'),
        (['--save-json', '{}'], '--save-json {} is a folder'),
        (['--out', '{}/a.mp4', '--save-json', '{}/a.mp4'], 'is the file of --out'),
    ],
)
def test_options_are_checked_before_any_work(
    demo, monkeypatch, no_model, video: Path, tmp_path: Path, capsys, options: list, message: str
) -> None:
    options = [option.format(tmp_path) for option in options]
    error = refused(demo, monkeypatch, capsys, [video, '--task', 'evs', '--points', '0:1,1', *options])
    assert message.format(tmp_path) in error


@pytest.mark.parametrize(
    'command',
    [
        ['explain_match.py', 'a.mp4', '--task', 'vps', '--frame', '1'],
        ['feature_maps.py', 'a.mp4', '--task', 'vps'],
        ['confusion_matrix.py', 'config.py', 'results.pkl'],
        ['analyze_logs.py', 'plot_curve', 'log'],
    ],
)
def test_a_folder_for_a_file_is_refused_first_by_every_tool(monkeypatch, tmp_path: Path, capsys, command: list) -> None:
    monkeypatch.setattr(sys, 'argv', [*command, '--out', str(tmp_path)])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(ROOT / 'tools' / 'analysis_tools' / command[0]), run_name='__main__')
    assert stopped.value.code == 2 and f'--out {tmp_path} is a folder' in capsys.readouterr().err


def test_a_video_is_not_overwritten_by_its_result(demo, monkeypatch, no_model, video: Path, capsys) -> None:
    content = video.read_bytes()
    arguments = [video, '--task', 'vps', '--shapes', '--out', video]
    assert 'is the video itself' in refused(demo, monkeypatch, capsys, arguments)
    assert video.read_bytes() == content


@pytest.mark.parametrize(
    'options', [['--fps', '0'], ['--fps', 'nan'], ['--columns', '-1'], ['--short-side', '0'], ['--clip-length', '0']]
)
def test_numbers_are_checked(demo, options: list, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse_arguments(['video.mp4', '--task', 'vis', *options])
    assert stopped.value.code == 2 and f'argument {options[0]}' in capsys.readouterr().err


def test_a_black_and_white_mask_with_soft_edges_is_one_object(demo, tmp_path: Path) -> None:
    disc = np.zeros((48, 64), np.uint8)
    cv2.circle(disc, (30, 24), 12, 255, -1)
    soft = cv2.GaussianBlur(disc, (5, 5), 1.2)
    assert len(np.unique(soft)) > 10
    (tmp_path / 'soft.png').write_bytes(cv2.imencode('.png', soft)[1].tobytes())
    ((frame, shown),) = read_value('masks', f'3:{tmp_path / "soft.png"}')
    mask = shown['mask']
    assert frame == 3 and mask[disc == 255].mean() > 0.95 and mask[24, 30]
    assert abs(int(mask.sum()) - int((disc > 0).sum())) < 40  # the edge runs along the middle grey


def test_a_video_that_was_cut_off_ends_with_its_own_status(demo, monkeypatch, model, tmp_path: Path, capsys) -> None:
    path = write_clip(tmp_path / 'a.mp4', length=12, movflags='faststart')
    path.write_bytes(path.read_bytes()[:-150])
    with pytest.warns(UserWarning, match='the file ends after [1-9] of 12 frames'):
        with pytest.raises(SystemExit) as stopped:
            run(demo, monkeypatch, [str(path), *model('vss')])
    assert stopped.value.code == 3
    assert 'written: ' in capsys.readouterr().out and 1 <= frames_in(tmp_path / 'résultat' / 'a.mp4') < 10


STALLING_CAMERA = """
    import runpy, sys, time
    import cv2, numpy as np

    class Camera:
        left = 6
        def __init__(self, number): pass
        def isOpened(self): return True
        def read(self):
            Camera.left -= 1
            if Camera.left < 0:
                print('stalled', flush=True)
                time.sleep(1000)
            return True, np.full((48, 64, 3), 90, np.uint8)
        def release(self): pass

    cv2.VideoCapture = Camera
    script, sys.argv = sys.argv[1], sys.argv[1:]
    runpy.run_path(script, run_name='__main__')
"""


def test_ctrl_c_ends_a_run_at_a_camera_that_stalls(model, tmp_path: Path) -> None:
    command = [
        sys.executable,
        '-c',
        textwrap.dedent(STALLING_CAMERA),
        str(ROOT / 'tools' / 'demo' / 'video_demo.py'),
        '0',
        *model('vss'),
        '--clip-length',
        '1',
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    )
    try:
        while 'stalled' not in process.stdout.readline():
            assert process.poll() is None, process.stderr.read()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=60)[1]
    finally:
        process.kill()
    assert process.returncode == 130 and 'interrupted: results up to here are written' in errors
    assert frames_in(tmp_path / 'résultat' / 'a.mp4') >= 1


def test_sound_is_in_the_drawn_video(demo, monkeypatch, model, tmp_path: Path) -> None:
    from tests.visualization.test_sound import samples_of
    from tests.visualization.test_sound import write_clip as write_sound

    run(demo, monkeypatch, [str(write_sound(tmp_path / 'a.mp4', seconds=0.5)), *model('vss')])
    assert abs(len(samples_of(tmp_path / 'résultat' / 'a.mp4')) / 16000 - 0.5) < 0.15


def test_every_format_of_save_is_written_of_a_part(demo, monkeypatch, model, video: Path, tmp_path: Path) -> None:
    formats = ['json', 'png', 'coco', 'cutouts', 'side-by-side']
    run(demo, monkeypatch, [str(video), *model('vss'), '--trim', '0.2:0.5', '--save', *formats, '--max-side', '200'])
    out = tmp_path / 'résultat'
    assert {path.name for path in out.iterdir()} == {
        *('a.mp4', 'a.png', 'a.json', 'a', 'a.coco.json', 'a_cutouts', 'a.side-by-side.mp4')
    }
    assert frames_in(out / 'a.mp4') == frames_in(out / 'a.side-by-side.mp4') == len(list((out / 'a').iterdir())) == 3
    assert [image['id'] for image in json.loads((out / 'a.coco.json').read_text())['images']] == [0, 1, 2]


@pytest.mark.parametrize('text', ['5', '2:1', 'a:b', '-1:2', '1:1'])
def test_a_part_is_first_and_last_second(demo, text: str, capsys) -> None:
    assert parse_arguments(['a.mp4', '--task', 'vis', '--trim', '2.5:']).trim == (2.5, None)
    with pytest.raises(SystemExit):
        parse_arguments(['a.mp4', '--task', 'vis', f'--trim={text}'])
    assert 'is not FIRST:LAST in seconds' in capsys.readouterr().err


def test_a_tone_begins_where_it_did_after_trimming(demo, monkeypatch, model, tmp_path: Path) -> None:
    from tests.visualization.test_sound import seconds_of_silence
    from tests.visualization.test_sound import write_clip as write_sound

    video = write_sound(tmp_path / 'a.mp4', seconds=1.6, silence=1.0)
    run(demo, monkeypatch, [str(video), *model('vss'), '--columns', '0', '--trim', '0.6:'])
    assert seconds_of_silence(tmp_path / 'résultat' / 'a.mp4') == pytest.approx(0.4, abs=0.08)
