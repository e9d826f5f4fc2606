"""The demo on videos and folders: results, and bad input in one line."""
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import av
import cv2
import numpy as np
import pytest
import torch

from gvseg.apis import VideoSegmenter

from .conftest import HEIGHT, ROOT, WIDTH, tiny_config


@pytest.fixture(scope='module')
def demo() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location('video_demo', ROOT / 'tools' / 'demo' / 'video_demo.py')
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def model(segmenters: dict[str, VideoSegmenter], tmp_path: Path):
    """Options that choose an untrained model of a task."""

    def choose(task: str) -> list[str]:
        path = tmp_path / f'{task}.pth'
        torch.save(dict(state_dict=segmenters[task].model.state_dict()), path)
        return ['--config', tiny_config(task), '--checkpoint', str(path), '--out', str(tmp_path / 'résultat' / 'a.mp4')]

    return choose


def run(demo: ModuleType, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr(sys, 'argv', ['video_demo.py', *arguments])
    demo.main()


def frames_in(path: Path) -> int:
    with av.open(str(path)) as container:
        return len(list(container.decode(video=0)))


@pytest.mark.parametrize('task', ['vis', 'vss', 'vps'])
def test_a_video_becomes_a_video_and_a_sheet(demo, monkeypatch, model, video: Path, tmp_path: Path, task: str) -> None:
    run(demo, monkeypatch, [str(video), *model(task)])
    assert frames_in(tmp_path / 'résultat' / 'a.mp4') == 7
    assert cv2.imdecode(np.fromfile(tmp_path / 'résultat' / 'a.png', np.uint8), 1).shape[0] > 200


def test_objects_are_followed_in_a_folder(demo, monkeypatch, model, folder: Path, tmp_path: Path) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[16:32, 8:24] = 255
    (tmp_path / 'mask.png').write_bytes(cv2.imencode('.png', mask)[1].tobytes())
    run(demo, monkeypatch, [str(folder), *model('evs'), '--points', '0:16,24', '3:30,24', '--boxes', '2:16,16,32,32',
                            '--masks', f'0:{tmp_path / "mask.png"}', '--short-side', '32'])
    assert frames_in(tmp_path / 'résultat' / 'a.mp4') == 7


@pytest.mark.parametrize('options, message', [
    (['--points', '0:64,10'], 'Point (64.0, 10.0) is outside the frame 0 (--points 0:64,10)'),
    (['--points', '0:a,b'], '--points 0:a,b: write FRAME:X,Y'),
    (['--points', '5'], '--points 5: write FRAME:X,Y'),
    (['--boxes', '0:1,2,3'], '--boxes 0:1,2,3: write FRAME:X1,Y1,X2,Y2'),
    (['--masks', 'mask.png'], '--masks mask.png: write FRAME:FILE'),
    (['--masks', '0:gone.png'], 'gone.png does not exist'),
    ([], 'give --points, --boxes or --masks'),
])
def test_bad_objects_are_one_line(demo, monkeypatch, model, video: Path, capsys, options: list, message: str) -> None:
    with pytest.raises(SystemExit):
        run(demo, monkeypatch, [str(video), *model('evs'), *options])
    error = capsys.readouterr().err.strip()
    assert message in error and '\n' not in error


@pytest.mark.parametrize('shape, message', [
    ((10, 20), 'mask of object 1 is 10x20 but the frame 0'), ((HEIGHT, WIDTH, 3), 'is a colour picture')])
def test_masks_that_do_not_fit(demo, monkeypatch, model, video: Path, tmp_path: Path, capsys, shape: tuple,
                               message: str) -> None:
    picture = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    (tmp_path / 'mask.png').write_bytes(cv2.imencode('.png', picture // 200)[1].tobytes())
    with pytest.raises(SystemExit):
        run(demo, monkeypatch, [str(video), *model('evs'), '--masks', f'0:{tmp_path / "mask.png"}'])
    assert message in capsys.readouterr().err


def test_values_of_a_palette_are_objects(demo, tmp_path: Path) -> None:
    values = np.array([[0, 1, 2], [255, 2, 2]], np.uint8)
    (tmp_path / 'mask.png').write_bytes(cv2.imencode('.png', values)[1].tobytes())
    shown = list(demo.mask_objects(f'4:{tmp_path / "mask.png"}'))
    assert [(frame, int(mask.sum())) for frame, mask in shown] == [(4, 1), (4, 3)]


def test_a_corrupt_frame_keeps_what_was_done(demo, monkeypatch, model, folder: Path, tmp_path: Path, capsys) -> None:
    (folder / '005.png').write_bytes(b'damaged')
    with pytest.raises(SystemExit):
        run(demo, monkeypatch, [str(folder), *model('vss')])
    assert '005.png' in capsys.readouterr().err.splitlines()[-1]
    assert frames_in(tmp_path / 'résultat' / 'a.mp4') == 3  # the clip that was complete
    assert (tmp_path / 'résultat' / 'a.png').is_file()


def test_kept_frames_are_bounded_and_evenly_spaced(demo) -> None:
    kept = demo.SheetFrames(4)
    for index in range(1000):
        kept.add(index)
    assert len(kept.kept) <= 8
    indices = [index for index, _ in kept.chosen()]
    assert len(indices) == 4 and indices[0] == 0 and indices[-1] >= 750


@pytest.mark.parametrize('options', [[], ['--config', 'a.py'], ['--task', 'vis', '--config', 'a', '--checkpoint', 'b']])
def test_one_model_must_be_chosen(demo, options: list, capsys) -> None:
    with pytest.raises(SystemExit):
        demo.parse_arguments(['video.mp4', *options])
    assert 'give either --task, or both' in capsys.readouterr().err
