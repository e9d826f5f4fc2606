"""Video files with frames that cannot be decoded."""

from pathlib import Path

import av
import numpy as np

from gvseg.visualization import VideoFile


def write_h264(path: Path, count: int = 40) -> Path:
    """Frames of noise, so that none is empty."""
    random = np.random.default_rng(0)
    with VideoFile(path, 10) as file:
        for _ in range(count):
            file.write(random.integers(0, 255, (64, 64, 3), np.uint8))
    return path


def damage(path: Path, number: int) -> None:
    """Overwrite what is coded of one frame."""
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][number]
        start, size = packet.pos, packet.size
    content = bytearray(path.read_bytes())
    content[start + 4 : start + size] = bytes(size - 4)
    path.write_bytes(bytes(content))
