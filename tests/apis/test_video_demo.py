"""The demo on videos and folders: results, and bad input in one line."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import av
import cv2
import numpy as np
import pytest
import torch

from gvseg.apis import VideoSegmenter
from gvseg.cli.segment_options import parse_arguments
from tests.scripts import tool

from .conftest import HEIGHT, ROOT, WIDTH, tiny_config


@pytest.fixture(scope='module')
def demo() -> ModuleType:
    """The command, whichever way it is started."""
    from gvseg.cli import segment

    return segment


@pytest.fixture
def model(segmenters: dict[str, VideoSegmenter], tmp_path: Path):
    """Options that choose an untrained model of a task."""

    def choose(task: str) -> list[str]:
        path = tmp_path / f'{task}.pth'
        torch.save(dict(state_dict=segmenters[task].model.state_dict()), path)
        return ['--config', tiny_config(task), '--checkpoint', str(path), '--out', str(tmp_path / 'résultat' / 'a.mp4')]

    return choose


def run(demo: ModuleType, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    """The command in this process; statuses other than 0 end it, as in the script."""
    status = tool('video_demo').main(arguments)
    if status:
        sys.exit(status)


def frames_in(path: Path) -> int:
    with av.open(str(path)) as container:
        return len(list(container.decode(video=0)))


@pytest.mark.parametrize('task', ['vis', 'vss', 'vps'])
def test_a_video_becomes_a_video_and_a_sheet(demo, monkeypatch, model, video: Path, tmp_path: Path, task: str) -> None:
    run(demo, monkeypatch, [str(video), *model(task), '--save-json', '--save-png', '--clip-length', '2'])
    assert all(len(tube['segmentations']) == 7 for tube in json.loads((tmp_path / 'résultat' / 'a.json').read_text()))
    assert len(list((tmp_path / 'résultat' / 'a').glob('*.png'))) == 7
    assert frames_in(tmp_path / 'résultat' / 'a.mp4') == 7
    assert cv2.imdecode(np.fromfile(tmp_path / 'résultat' / 'a.png', np.uint8), 1).shape[0] > 200


def test_objects_are_followed_in_a_folder(demo, monkeypatch, model, folder: Path, tmp_path: Path) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[16:32, 8:24] = 255
    (tmp_path / 'mask.png').write_bytes(cv2.imencode('.png', mask)[1].tobytes())
    run(
        demo,
        monkeypatch,
        [
            str(folder),
            *model('evs'),
            '--points',
            '0:16,24',
            '3:30,24',
            '--boxes',
            '2:16,16,32,32',
            '--masks',
            f'0:{tmp_path / "mask.png"}',
            '--short-side',
            '32',
        ],
    )
    assert frames_in(tmp_path / 'résultat' / 'a.mp4') == 7


@pytest.mark.parametrize(
    'options, message',
    [
        (['--points', '0:64,10'], 'Point (64.0, 10.0) is outside the frame 0 (--points 0:64,10)'),
        (['--points', '0:a,b'], '--points 0:a,b: write FRAME:X,Y'),
        (['--points', '5'], '--points 5: write FRAME:X,Y'),
        (['--boxes', '0:1,2,3'], '--boxes 0:1,2,3: write FRAME:X1,Y1,X2,Y2'),
        (['--masks', 'mask.png'], '--masks mask.png: write FRAME:FILE'),
        (['--masks', '0:gone.png'], 'gone.png does not exist'),
        ([], 'give --points, --boxes or --masks'),
    ],
)
def test_bad_objects_are_one_line(demo, monkeypatch, model, video: Path, capsys, options: list, message: str) -> None:
    with pytest.raises(SystemExit):
        run(demo, monkeypatch, [str(video), *model('evs'), *options])
    error = capsys.readouterr().err.strip()
    assert message in error and '\n' not in error


@pytest.mark.parametrize(
    'shape, message',
    [((10, 20), 'mask of object 1 is 10x20 but the frame 0'), ((HEIGHT, WIDTH, 3), 'has colour mode RGB')],
)
def test_masks_that_do_not_fit(
    demo, monkeypatch, model, video: Path, tmp_path: Path, capsys, shape: tuple, message: str
) -> None:
    picture = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    (tmp_path / 'mask.png').write_bytes(cv2.imencode('.png', picture // 200)[1].tobytes())
    with pytest.raises(SystemExit):
        run(demo, monkeypatch, [str(video), *model('evs'), '--masks', f'0:{tmp_path / "mask.png"}'])
    assert message in capsys.readouterr().err


def test_damaged_frames_are_counted(demo, monkeypatch, model, folder: Path, tmp_path: Path, capsys) -> None:
    (folder / '005.png').write_bytes(b'damaged')
    with pytest.warns(UserWarning, match='005.png which is damaged'):
        run(demo, monkeypatch, [str(folder), *model('vss'), '--save-png', '--columns', '0'])
    assert 'damaged frames left out: 1' in capsys.readouterr().err
    assert frames_in(tmp_path / 'résultat' / 'a.mp4') == 6 and not (tmp_path / 'résultat' / 'a.png').exists()
    assert sorted(path.stem for path in (tmp_path / 'résultat' / 'a').iterdir()) == [
        '000',
        '001',
        '002',
        '003',
        '004',
        '006',
    ]


def test_an_error_keeps_what_was_done(demo, monkeypatch, model, folder: Path, tmp_path: Path, capsys) -> None:
    (folder / '005.png').write_bytes(cv2.imencode('.png', np.zeros((10, 20, 3), np.uint8))[1].tobytes())
    with pytest.raises(SystemExit):
        run(demo, monkeypatch, [str(folder), *model('vss'), '--save-json', str(tmp_path / 'tubes.json')])
    assert '005.png is 20x10' in capsys.readouterr().err.splitlines()[-1]
    assert frames_in(tmp_path / 'résultat' / 'a.mp4') == 3  # the clip that was complete
    assert (tmp_path / 'résultat' / 'a.png').is_file()
    tubes = json.loads((tmp_path / 'tubes.json').read_text())
    assert tubes and {len(tube['segmentations']) for tube in tubes} == {3}


def heed_interrupts() -> None:
    """A shell's background jobs, and so the tests of some machines, start with SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_finishes_its_files(model, folder: Path, tmp_path: Path, number: int) -> None:
    """A process of its own, so that the signal is real; the video is long enough not to end before."""
    script = ROOT / 'tools' / 'demo' / 'video_demo.py'
    pictures = [str(path) for path in sorted(folder.iterdir())] * 200
    out = tmp_path / 'résultat'
    process = subprocess.Popen(
        [sys.executable, str(script), *pictures, *model('vps'), '--save-json', '--save-png'],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    end = time.monotonic() + 200
    while not (out / 'a' / '000005.png').exists() and time.monotonic() < end and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(number)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + number and 'interrupted: results up to here are written' in errors
    count = frames_in(out / 'a.mp4')
    assert 6 <= count < len(pictures) and len(list((out / 'a').glob('*.png'))) == count
    assert {len(tube['segmentations']) for tube in json.loads((out / 'a.json').read_text())} <= {count}
    assert (out / 'a.png').is_file() and not list(out.rglob('*.part'))


@pytest.mark.parametrize('option', ['--out', '--save-json', '--save-png'])
def test_a_place_that_cannot_be_written(
    demo, monkeypatch, model, folder: Path, tmp_path: Path, capsys, option: str
) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(SystemExit):
        run(demo, monkeypatch, [str(folder), *model('vss'), option, str(tmp_path / 'file' / 'b' / 'c.mp4')])
    error = capsys.readouterr().err.strip()
    assert f'of {option}: Not a directory' in error and '\n' not in error


def test_a_number_is_a_camera_and_several_names_are_pictures(demo, folder: Path, monkeypatch) -> None:
    assert demo.open_source(['7'], 24.0).path.name == 'camera 7'
    assert demo.open_source([str(path) for path in sorted(folder.iterdir())], 24.0).length == 7
    monkeypatch.chdir(folder.parent)
    folder.rename(folder.parent / '7')
    assert demo.open_source(['7'], 24.0).length == 7  # a folder of that name comes first


@pytest.mark.parametrize(
    'options, expected, note',
    [
        (['--task', 'evs'], 'mobilenet-v2_davis-coco128', ''),
        (['--task', 'evs', '--shapes'], 'general_tiny_moving-shapes', ''),
        (['--task', 'vps'], 'general_tiny_moving-shapes', 'the shipped vps model is trained on the generated shapes'),
        (['--task', 'vps', '--shapes'], 'general_tiny_moving-shapes', ''),
    ],
)
def test_objects_of_real_video_have_a_shipped_model(demo, capsys, options: list, expected: str, note: str) -> None:
    _, weights = demo.chosen_model(parse_arguments(['video.mp4', *options]))
    said = capsys.readouterr().err
    assert expected in weights.name and note in said and bool(said) == bool(note)


def test_a_task_beside_a_config_is_a_recipe() -> None:
    parsed = parse_arguments(['video.mp4', '--config', 'a', '--checkpoint', 'b', '--task', 'vis'])
    assert (parsed.config, parsed.task) == ('a', 'vis')


@pytest.mark.parametrize(
    'options',
    [
        [],
        ['--config', 'a.py'],
        ['--model', 'c', '--config', 'a', '--checkpoint', 'b'],
        ['--task', 'vis', '--config', 'a'],
    ],
)
def test_one_model_must_be_chosen(demo, options: list, capsys) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(['video.mp4', *options])
    assert 'give one of --model, --task, or both' in capsys.readouterr().err
