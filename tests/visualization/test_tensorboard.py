"""Pictures in TensorBoard: what is drawn is read back from its event file."""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from mmdet.registry import HOOKS, VISUALIZERS
from mmdet.structures import TrackDataSample

from gvseg.engine.hooks.visualization_hook import VideoVisualizationHook
from gvseg.visualization import GvSegVisualizer, read_rgb

from .samples import CLASSES, TrainedLoop, empty_sample, with_instances, with_panoptic, with_truth

pytest.importorskip('tensorboard', reason='needs tensorboard (requirements/optional.txt)')


def visualizer(name: str, folder: Path) -> GvSegVisualizer:
    built = VISUALIZERS.build(
        dict(
            type='GvSegVisualizer',
            name=name,
            save_dir=str(folder),
            vis_backends=[dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')],
        )
    )
    built.dataset_meta = dict(classes=CLASSES)
    return built


def images(built: GvSegVisualizer) -> dict[tuple[str, int], np.ndarray]:
    """Every picture (H, W, 3) in the event file, by name and step."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    built.close()
    (file,) = Path(built.get_backend('TensorboardVisBackend')._save_dir).glob('events*')
    events = EventAccumulator(str(file), size_guidance=dict(images=0)).Reload()
    return {
        (tag, entry.step): cv2.imdecode(np.frombuffer(entry.encoded_image_string, np.uint8), 1)[..., ::-1]
        for tag in events.Tags()['images']
        for entry in events.Images(tag)
    }


def test_a_drawn_frame_is_in_the_event_file(tmp_path: Path) -> None:
    built = visualizer('tensorboard', tmp_path)
    sample, image = with_truth(with_panoptic(empty_sample())), np.full((4, 8, 3), 90, np.uint8)
    built.add_datasample('frame', image, sample, step=3)
    ((key, found),) = images(built).items()
    assert key == ('frame', 3)
    np.testing.assert_array_equal(found, built.draw(image, sample))


def test_the_hooks_sheets_are_in_the_event_file_and_on_disk_once(tmp_path: Path) -> None:
    hook = HOOKS.build(dict(type='VideoVisualizationHook', test_out_dir='shown', options=dict(videos=1)))
    assert isinstance(hook, VideoVisualizationHook)
    runner = SimpleNamespace(
        visualizer=visualizer('tensorboard hook', tmp_path), work_dir=str(tmp_path), _train_loop=TrainedLoop(40)
    )
    hook.before_val_epoch(runner)
    frames = [with_instances(empty_sample(tmp_path / f'{index}.png', index)) for index in range(2)]
    hook.after_val_iter(runner, 0, None, [TrackDataSample(video_data_samples=frames)])
    hook.after_val_epoch(runner, {})
    ((key, found),) = images(runner.visualizer).items()
    assert key == ('video-1', 40)
    np.testing.assert_array_equal(found, read_rgb(tmp_path / 'shown' / 'video-1.png'))
    assert len(list(tmp_path.rglob('video-1*.png'))) == 1
