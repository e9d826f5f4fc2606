"""Small videos and untrained models of the shipped configs."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import gvseg  # noqa: F401
from gvseg.apis import VideoSegmenter
from gvseg.formats.png_maps import read_label_map
from gvseg.moving_shapes import SplitSettings, generate_split
from gvseg.visualization import VideoFile

ROOT = Path(__file__).resolve().parents[2]
HEIGHT, WIDTH = 48, 64
FIELDS = dict(vis='pred_track_instances', vss='pred_sem_seg', vps='pred_panoptic_seg', evs='pred_object_map')


def tiny_config(task: str) -> str:
    """The shipped Moving Shapes config of a task."""
    return str(next((ROOT / 'configs' / task).glob('gvseg-*_tiny_*_moving-shapes.py')))


def moving_square(length: int = 7) -> list[np.ndarray]:
    """BGR frames in which a bright square moves right."""
    frames = []
    for time in range(length):
        frame = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
        frame[16:32, 8 + 4 * time : 24 + 4 * time] = (40, 200, 240)
        frames.append(frame)
    return frames


def content(sample, task: str) -> torch.Tensor:
    """What a prediction says of each pixel."""
    found = sample.get(FIELDS[task])
    return found.masks if task == 'vis' else found.sem_seg


def show_first_sights(segmenter: VideoSegmenter, paths: list[str]) -> None:
    """Show every object by its mask where it appears first, as the data set does; paths of YouTube-VOS frames."""
    seen = set()
    for index, path in enumerate(paths):
        values = read_label_map(str(path).replace('JPEGImages', 'Annotations').replace('.jpg', '.png'))
        for identity in sorted(set(np.unique(values).tolist()) - {0, 255} - seen):
            segmenter.add_object(index, mask=values == identity, identity=identity)
            seen.add(identity)
    assert seen


@pytest.fixture(scope='session')
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One generated video of 7 frames in all formats."""
    root = tmp_path_factory.mktemp('shapes')
    generate_split(root, SplitSettings('val', 1, 7, 10_000))
    return root


@pytest.fixture
def frames() -> list[np.ndarray]:
    return moving_square()


@pytest.fixture
def video(tmp_path: Path, frames: list[np.ndarray]) -> Path:
    """The frames as an mp4 in a path with other letters and a space."""
    path = tmp_path / 'vidéo 視頻.mp4'
    with VideoFile(path, fps=10) as file:
        for frame in frames:
            file.write(frame[..., ::-1])
    return path


@pytest.fixture
def folder(tmp_path: Path, frames: list[np.ndarray]) -> Path:
    """The frames as pictures."""
    path = tmp_path / 'каталог'
    path.mkdir()
    for index, frame in enumerate(frames):
        (path / f'{index:03d}.png').write_bytes(cv2.imencode('.png', frame)[1].tobytes())
    return path


@pytest.fixture(scope='session')
def segmenters() -> dict[str, VideoSegmenter]:
    """A segmenter with random weights for each task."""
    torch.manual_seed(0)
    return {task: VideoSegmenter(tiny_config(task), None) for task in ('vis', 'vss', 'vps', 'evs')}
