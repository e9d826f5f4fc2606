"""Synthetic results like those of models: uneven masks, duplicates, a mask with many classes, low scores.

Shapes: T frames, H W size, K objects, Q queries, C classes.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

from gvseg.formats.constants import voc_palette

STRIDE = 4  # models predict masks at a quarter of the frame's size


class Blob:
    """A moving, growing outline with a few lobes.

    Args:
        rng: draws position, size and speed.
        shape: H W of the frame.
        size: mean radius as a fraction of the shorter side.
    """

    def __init__(
        self, rng: np.random.Generator, shape: tuple[int, int], size: tuple[float, float] = (0.08, 0.3)
    ) -> None:
        self.shape, self.grid = shape, (-(-shape[0] // STRIDE), -(-shape[1] // STRIDE))
        self.place, self.step = rng.uniform(0.15, 0.85, 2), rng.normal(0, 0.006, 2)
        self.radius = rng.uniform(*size) * min(self.grid)
        self.lobes, self.phases = rng.normal(0, 0.12, 5), rng.uniform(0, 2 * np.pi, 5)

    def logits(self, frame: int, shift: Sequence[float] = (0, 0), scale: float = 1) -> np.ndarray:
        """(H/4,W/4) float32, positive inside; about the distance to the outline as a fraction of the radius."""
        rows, columns = np.mgrid[: self.grid[0], : self.grid[1]].astype(np.float32)
        rows -= (self.place[0] + frame * self.step[0] + shift[0]) * self.grid[0]
        columns -= (self.place[1] + frame * self.step[1] + shift[1]) * self.grid[1]
        angle = np.arctan2(rows, columns)
        waves = sum(
            lobe * np.cos((n + 2) * angle + p + 0.1 * frame) for n, (lobe, p) in enumerate(zip(self.lobes, self.phases))
        )
        return (1 + waves - np.hypot(rows, columns) / (self.radius * scale * (1 + 0.1 * np.sin(0.2 * frame)))).astype(
            np.float32
        )

    def mask(self, frame: int) -> np.ndarray:
        """(H,W) bool ground truth."""
        return enlarge(self.logits(frame), self.shape) > 0


def enlarge(logits: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize logits to (H,W) float32 from a quarter of the size."""
    return cv2.resize(logits, shape[::-1], interpolation=cv2.INTER_LINEAR)


def ragged(rng: np.random.Generator, logits: np.ndarray, noise: float = 0.08) -> np.ndarray:
    """Add smooth noise to logits: uneven edges, holes, specks far from the object."""
    fine = cv2.GaussianBlur(rng.standard_normal(logits.shape, np.float32), (0, 0), 1.2) * 4
    return logits + noise * fine


def encode(mask: np.ndarray) -> dict[str, Any] | None:
    """Compressed RLE with counts as text, None for an empty mask."""
    if not mask.any():
        return None
    rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {'size': rle['size'], 'counts': rle['counts'].decode('ascii')}


def class_scores(rng: np.random.Generator, context: np.ndarray, label: int, confidence: float) -> np.ndarray:
    """(C,) scores of a query: one high score, a long tail for the others with higher values for the video's classes."""
    scores = rng.dirichlet(0.05 + context) * (1 - confidence)
    scores[label] += confidence
    return scores


def predicted_tube(rng: np.random.Generator, blob: Blob, frames: int, quality: float) -> list[dict[str, Any] | None]:
    """RLE of a query's T masks; lower quality gives larger offsets and more missing frames."""
    shift, scale = rng.normal(0, 0.03 * (1 - quality), 2), np.exp(rng.normal(0, 0.4 * (1 - quality)))
    return [
        None
        if rng.random() > 0.55 + 0.45 * quality
        else encode(enlarge(ragged(rng, blob.logits(frame, shift, scale)), blob.shape) > 0)
        for frame in range(frames)
    ]


class TubeVideo:
    """A video with 3 to 5 objects and the queries of a model.

    Args:
        rng: random generator.
        shape: H W.
        frames: T.
        classes: C.
    """

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int], frames: int, classes: int) -> None:
        self.rng, self.shape, self.frames, self.classes = rng, shape, frames, classes
        self.objects = [(Blob(rng, shape), int(rng.integers(classes))) for _ in range(rng.integers(3, 6))]

    def truth(self) -> Iterator[dict[str, Any]]:
        """Fields of the objects' annotations."""
        for blob, label in self.objects:
            masks = [encode(blob.mask(frame)) for frame in range(self.frames)]
            yield {
                'category_id': label + 1,
                'iscrowd': 0,
                'segmentations': masks,
                'areas': [mask and int(coco_mask.area(mask)) for mask in masks],
                'bboxes': [mask and coco_mask.toBbox(mask).tolist() for mask in masks],
            }

    def results(self, queries: int, kept: int = 100) -> Iterator[dict[str, Any]]:
        """Fields of the best (query, class) pairs."""
        # Every query has slightly higher scores for the classes of the video.
        context = np.bincount([label for _, label in self.objects], minlength=self.classes) * 0.5
        scores, tubes = np.zeros((queries, self.classes)), []
        for query in range(queries):
            # The first queries track an object, the next ones less accurately; the rest are false positives.
            turn, index = divmod(query, len(self.objects))
            blob, label = self.objects[index] if turn < 2 else (Blob(self.rng, self.shape, (0.02, 0.2)), 0)
            quality = max(0.0, 0.95 - 0.35 * turn - 0.4 * self.rng.random() ** 2)
            label = label if quality > 0.3 else int(self.rng.integers(self.classes))
            scores[query] = class_scores(self.rng, context, label, 0.9 * quality)
            tubes.append(predicted_tube(self.rng, blob, self.frames, quality))
        for query, label in zip(*np.unravel_index(np.argsort(-scores, axis=None)[:kept], scores.shape)):
            yield {'category_id': int(label) + 1, 'score': float(scores[query, label]), 'segmentations': tubes[query]}


def write_tubes(root: Path, videos: int, frames: int = 30, shape: tuple[int, int] = (720, 1280)) -> None:
    """YouTube-VIS files of 40 classes: 3 to 5 objects a video; the best 100 (query, class) pairs of 20 queries."""
    rng, classes = np.random.default_rng(0), 40
    truth: dict[str, list] = {'videos': [], 'annotations': []}
    truth['categories'] = [{'id': index + 1, 'name': f'class {index + 1}'} for index in range(classes)]
    results = []
    for number in range(1, videos + 1):
        truth['videos'].append({'id': number, 'height': shape[0], 'width': shape[1], 'length': frames})
        video = TubeVideo(rng, shape, frames, classes)
        for fields in video.truth():
            truth['annotations'].append({'id': len(truth['annotations']) + 1, 'video_id': number, **fields})
        results += [{'video_id': number, **fields} for fields in video.results(20)]
    (root / 'gt.json').write_text(json.dumps(truth))
    (root / 'pred.json').write_text(json.dumps(results))


def save_map(path: Path, values: np.ndarray, palette: bool) -> None:
    """Write an 8-bit PNG as Pillow does by default."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(values.astype(np.uint8))
    if palette:
        image.putpalette(voc_palette())
    image.save(path)


def object_maps(rng: np.random.Generator, blobs: Sequence[Blob], frame: int) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted (H,W) maps of K objects, later ones on top; predictions by the largest logit."""
    logits = np.stack([blob.logits(frame) for blob in blobs])
    guesses = np.stack([ragged(rng, values) for values in logits])
    maps = []
    for values in (logits, guesses):
        full = np.stack([np.zeros(blobs[0].shape, np.float32), *(enlarge(part, blobs[0].shape) for part in values)])
        maps.append(full.argmax(0).astype(np.uint8))
    return maps[0], maps[1]


def write_objects(root: Path, sequences: int, frames: int = 30, shape: tuple[int, int] = (480, 854)) -> None:
    """DAVIS folders, 1 to 3 objects a sequence."""
    rng, names = np.random.default_rng(1), [f'sequence{index}' for index in range(sequences)]
    for index, name in enumerate(names):
        blobs = [Blob(rng, shape) for _ in range(1 + index % 3)]
        for frame in range(frames):
            target, guess = object_maps(rng, blobs, frame)
            save_map(root / 'gt/Annotations/480p' / name / f'{frame:05d}.png', target, palette=True)
            save_map(root / 'pred' / name / f'{frame:05d}.png', guess, palette=True)
    _list_sequences(root, names)


def copy_objects(source: Path, root: Path) -> None:
    """DAVIS folders of real maps and of predictions made of them: the same objects with uneven edges.

    Args:
        source: a tree with Annotations/480p; values above 0 are objects, 255 is an object of a binary map.
        root: where to write.
    """
    rng, names = np.random.default_rng(1), []
    for folder in sorted((source / 'Annotations/480p').iterdir()):
        names.append(folder.name)
        for file in sorted(folder.glob('*.png')):
            target = np.array(Image.open(file))
            target = np.where(target == 255, 1, target)
            guess = np.zeros_like(target)
            for identity in range(1, int(target.max()) + 1):
                soft = cv2.resize(
                    (target == identity).astype(np.float32),
                    (target.shape[1] // STRIDE, target.shape[0] // STRIDE),
                    interpolation=cv2.INTER_AREA,
                )
                guess[enlarge(ragged(rng, soft - 0.5, 0.1), target.shape) > 0] = identity
            save_map(root / 'gt/Annotations/480p' / folder.name / file.name, target, palette=True)
            save_map(root / 'pred' / folder.name / file.name, guess, palette=True)
    _list_sequences(root, names)


def _list_sequences(root: Path, names: Sequence[str]) -> None:
    """Write DAVIS' list of sequences."""
    (root / 'gt/ImageSets/2017').mkdir(parents=True)
    (root / 'gt/ImageSets/2017/val.txt').write_text(''.join(f'{name}\n' for name in names))
