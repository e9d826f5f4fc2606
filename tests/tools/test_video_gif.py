"""A GIF of a video has its frames, its size and its speed."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.scripts import tool


def test_every_second_frame_at_half_the_size(tmp_path: Path) -> None:
    for index in range(5):
        picture = np.full((20, 40, 3), (0, 0, 40 * index), np.uint8)  # BGR: red grows
        cv2.imwrite(str(tmp_path / f'{index}.png'), picture)
    out = tmp_path / 'new' / 'red.gif'
    assert tool('video_gif').write_gif(str(tmp_path), out, width=20, every=2, colors=16) == 3
    with Image.open(out) as gif:
        assert (gif.n_frames, gif.size) == (3, (20, 10))
        assert gif.info['duration'] == 80  # two frames of 24 a second, in hundredths
        gif.seek(1)
        assert np.allclose(np.asarray(gif.convert('RGB'))[5, 5], (80, 0, 0), atol=8)
