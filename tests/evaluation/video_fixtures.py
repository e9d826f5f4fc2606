"""Generated benchmark folders for the tests of VSPW, DAVIS, YouTube-VOS and BURST.

Shapes: T frames, H W size.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

CASES = Path(__file__).resolve().parents[1] / 'data/reference'


def write_map(path: Path, values: np.ndarray) -> None:
    """Save a (H,W) map as a grey PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(values, np.uint8)).save(path)


def blocks(rng: np.random.Generator, values: Sequence[int], shape=(24, 32), size: int = 8) -> np.ndarray:
    """(H,W) map of random blocks with the given values."""
    grid = rng.choice(list(values), (-(-shape[0] // size), -(-shape[1] // size)))
    return np.kron(grid, np.ones((size, size), int))[: shape[0], : shape[1]]


def disturb(rng: np.random.Generator, values: np.ndarray, others: Sequence[int], share: float = 0.1) -> np.ndarray:
    """A copy with a fraction of its pixels replaced by other values."""
    return np.where(rng.random(values.shape) < share, rng.choice(list(others), values.shape), values)


def make_vspw(root: Path, lengths: Mapping[str, int], seed: int = 0) -> None:
    """VSPW folders `root/gt`, `root/pred`; classes change slowly, predictions are noisy."""
    rng = np.random.default_rng(seed)
    for video, length in lengths.items():
        classes = rng.choice(np.arange(1, 125), 4, replace=False)
        stored = blocks(rng, [0, 255, *classes])
        for frame in range(length):
            if frame % 5 == 4:
                stored = disturb(rng, stored, [0, *classes], 0.2)
            write_map(root / 'gt' / 'data' / video / 'mask' / f'{frame:08d}.png', stored)
            guess = disturb(rng, np.clip(stored.astype(int) - 1, 0, 123), classes - 1, 0.05)
            write_map(root / 'pred' / video / f'{frame:08d}.png', guess)
    (root / 'gt' / 'val.txt').write_text('\n'.join(lengths) + '\n')


def object_video(
    rng: np.random.Generator, count: int, length: int, starts: Mapping[int, int] = None, shape=(48, 64)
) -> np.ndarray:
    """(T,H,W) map of `count` moving disks; object k appears in frame starts[k]."""
    video = np.zeros((length, *shape), np.uint8)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    for identity in range(1, count + 1):
        place, step = rng.uniform(10, 40, 2), rng.uniform(-1.5, 1.5, 2)
        for frame in range((starts or {}).get(identity, 0), length):
            row, column = place + frame * step
            video[frame][(rows - row) ** 2 + (columns - column) ** 2 < rng.uniform(40, 60)] = identity
    identities = np.arange(1, count + 1)
    video[0, 0, :count] = [0 if (starts or {}).get(int(identity), 0) else identity for identity in identities]
    return video


def make_davis(root: Path, sequences: Mapping[str, int], length: int = 7, seed: int = 0) -> None:
    """DAVIS folders `root/gt`, `root/pred`; sequences: name -> number of objects."""
    rng = np.random.default_rng(seed)
    for name, count in sequences.items():
        for frame, values in enumerate(object_video(rng, count, length)):
            write_map(root / 'gt' / 'Annotations' / '480p' / name / f'{frame:05d}.png', values)
            guess = np.roll(values, rng.integers(-2, 3, 2), (0, 1))
            write_map(root / 'pred' / name / f'{frame:05d}.png', guess)
    lists = root / 'gt' / 'ImageSets' / '2017'
    lists.mkdir(parents=True, exist_ok=True)
    (lists / 'val.txt').write_text('\n'.join(sequences) + '\n')


def make_youtube_vos(
    root: Path, videos: Mapping[str, Mapping[int, int]], length: int = 6, seed: int = 0
) -> dict[str, dict]:
    """YouTube-VOS folders; videos: name -> {object id: index of its first frame}; classes cat (seen), elk."""
    rng = np.random.default_rng(seed)
    meta = {}
    for name, starts in videos.items():
        frames = [f'{5 * frame:05d}' for frame in range(length)]
        for frame, values in zip(frames, object_video(rng, len(starts), length, starts)):
            write_map(root / 'gt' / 'Annotations' / name / f'{frame}.png', values)
            guess = np.roll(values, rng.integers(-2, 3, 2), (0, 1))
            write_map(root / 'pred' / 'Annotations' / name / f'{frame}.png', guess)
        meta[name] = {
            'objects': {
                str(key): {'category': 'elk' if key % 2 else 'cat', 'frames': frames[start:]}
                for key, start in starts.items()
            }
        }
    (root / 'gt' / 'meta.json').write_text(json.dumps({'videos': meta}))
    (root / 'gt' / 'unseen_categories.txt').write_text('elk\n')
    return meta
