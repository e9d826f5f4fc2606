"""Every form in which a video may be given yields the same BGR frames."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from gvseg.apis import open_video
from gvseg.utils.errors import InputError


def frames_of(video, **options) -> list[np.ndarray]:
    return [frame.image for frame in open_video(video, **options).frames()]


def test_pictures_arrays_and_tensors_are_one_video(folder: Path, frames: list[np.ndarray]) -> None:
    rgb = [frame[..., ::-1] for frame in frames]
    tensors = [torch.from_numpy(frame.copy()).permute(2, 0, 1) for frame in rgb]
    forms = {
        'folder': (folder, {}),
        'text': (str(folder), {}),
        'URL': (folder.as_uri(), {}),  # its name has letters that a URL escapes
        'glob': (str(folder / '*.png'), {}),
        'list of paths': (sorted(folder.iterdir()), {}),
        'BGR arrays': (frames, {}),
        'RGB arrays': (rgb, dict(channel_order='rgb')),
        'one array': (np.stack(frames), {}),
        'iterator': (iter(frames), {}),
        'PIL': ([Image.fromarray(frame) for frame in rgb], {}),
        'tensors': (tensors, {}),
        'one tensor': (torch.stack(tensors), {}),
    }
    for name, (video, options) in forms.items():
        assert np.array_equal(frames_of(video, **options), frames), name


def test_a_capture_is_read_to_its_end_and_left_open(video: Path, frames: list[np.ndarray]) -> None:
    capture = cv2.VideoCapture(str(video))
    source = open_video(capture)
    assert source.fps == 10 and len(list(source.frames())) == len(frames) and capture.isOpened()
    with pytest.raises(InputError, match='cannot be read again'):
        next(source.frames())
    capture.release()
    with pytest.raises(InputError, match='VideoCapture is not open'):
        next(open_video(capture).frames())


def test_a_list_may_be_read_again_and_an_iterator_not(frames: list[np.ndarray]) -> None:
    source = open_video(frames)
    assert len(list(source.frames())) == len(list(source.frames())) == 7
    once = open_video(frame for frame in frames)
    assert len(list(once.frames())) == 7
    with pytest.raises(InputError, match='give a file or a list'):
        next(once.frames())


@pytest.mark.parametrize(
    'video, message',
    [
        (3.5, 'cannot be given as float: give a path'),
        ('https://example.org/a.mp4', 'only file:// URLs of this machine'),
        ('nowhere/*.png', 'no file matches this pattern'),
        ('file:///nowhere/a.mp4', '/nowhere/a.mp4 does not exist'),
        ([[1, 2], [3, 4]], 'A frame cannot be given as list'),
        (torch.zeros(2, 3, 4, 4), r'tensor of shape \(3, 4, 4\) and torch.float32: give \(3, H, W\) uint8 RGB'),
        (torch.zeros(2, 4, 4, 3, dtype=torch.uint8), r'tensor of shape \(4, 4, 3\)'),
        ([], 'list of pictures is empty|no frame'),
    ],
)
def test_what_is_no_video_is_said(video, message: str) -> None:
    with pytest.raises(InputError, match=message):
        frames_of(video)
