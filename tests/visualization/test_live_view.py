"""Frames in a window while testing."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from mmdet.registry import VISUALIZERS
from mmdet.structures import TrackDataSample
from mmengine.visualization import Visualizer

from gvseg.engine.hooks import LiveViewHook
from gvseg.utils.errors import ConfigError
from gvseg.visualization import GvSegVisualizer, window, window_backend

from .samples import CLASSES, empty_sample, with_instances


def visualizer(name: str) -> GvSegVisualizer:
    built = VISUALIZERS.build(dict(type='GvSegVisualizer', name=name))
    built.dataset_meta = dict(classes=CLASSES)
    return built


def test_every_frame_is_shown_as_drawn_for_the_time_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, built = [], visualizer('live')
    monkeypatch.setattr(built, 'show', lambda drawn, win_name, wait_time: shown.append((drawn, win_name, wait_time)))
    frames = [with_instances(empty_sample(tmp_path / f'{index}.png', index)) for index in range(3)]
    hook = LiveViewHook(wait_time=0.5)
    hook.before_test_epoch(SimpleNamespace(visualizer=built))
    for clip in (frames[:2], frames[2:]):
        hook.after_test_iter(SimpleNamespace(visualizer=built), 0, None, [TrackDataSample(video_data_samples=clip)])
    assert [(name, time) for _, name, time in shown] == [(f'video 1, frame {index}', 0.5) for index in range(3)]
    expected = built.draw(np.zeros((4, 8, 3), np.uint8), frames[0])
    assert shown[0][0].shape == expected.shape and shown[0][0].any()


def test_the_hook_names_the_visualizer_it_needs() -> None:
    hook = LiveViewHook()
    with pytest.raises(TypeError, match='without --show'):
        hook.before_test_epoch(SimpleNamespace(visualizer=object()))


@pytest.mark.parametrize(('backend', 'first'), [('matplotlib', 10), ('cv2', 30)])
def test_the_window_gets_its_order_of_colours(backend: str, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    monkeypatch.setattr(Visualizer, 'show', lambda self, image, name, time, key, kind: taken.append((image, kind)))
    monkeypatch.setattr('gvseg.visualization.visualizer.window_backend', lambda: backend)
    visualizer(f'colours {backend}').show(np.array([[[10, 20, 30]]], np.uint8))
    ((image, kind),) = taken
    assert image[0, 0, 0] == first and kind == backend


def test_without_a_display_show_dir_is_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('sys.platform', 'linux')
    for name in window.DISPLAYS:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError, match='neither DISPLAY nor WAYLAND_DISPLAY is set. Use --show-dir'):
        window_backend()


def test_matplotlib_is_asked_first_and_opencv_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('DISPLAY', ':0')
    built_with, drawn_by = ['GUI: NONE'], ['agg']
    monkeypatch.setattr('cv2.getBuildInformation', lambda: f'General\n  {built_with[0]}\n')
    monkeypatch.setattr('matplotlib.pyplot.get_backend', lambda: drawn_by[0])
    with pytest.raises(ConfigError, match='opencv-python-headless.*Use --show-dir'):
        window_backend()
    built_with[0] = 'GUI: QT5'
    assert window_backend() == 'cv2'
    drawn_by[0] = 'TkAgg'
    assert window_backend() == 'matplotlib'
