"""Synthetic results of VSPW, VIPSeg and BURST, see ``evaluators_inputs``.

Shapes: T frames, H W size, C classes, K objects.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from evaluators_inputs import Blob, encode, enlarge, predicted_tube, ragged, save_map
from PIL import Image

from gvseg.formats.class_lists import BURST_COMMON_IDS, BURST_DISTRACTOR_IDS, BURST_MERGED_IDS
from gvseg.formats.png_maps import panoptic_colours


class Scene:
    """Regions of stuff that drift with the camera, and blobs in front of them.

    Args:
        rng: random generator.
        shape: H W of the frame.
        stuff, things: numbers of regions and blobs.
    """

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int], stuff: int, things: int) -> None:
        self.shape, self.rng = shape, rng
        self.blobs = [Blob(rng, shape) for _ in range(things)]
        size = (stuff, shape[0] // 4 + 64, shape[1] // 4 + 64)
        self.fields = np.stack(
            [cv2.GaussianBlur(part, (0, 0), 25) * 30 for part in rng.standard_normal(size, np.float32)]
        )

    def maps(self, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """True and predicted (H,W) uint8 index of the region or blob at every pixel; blobs come after stuff."""
        height, width = self.blobs[0].grid
        shift = int(32 + 20 * np.sin(0.02 * frame))
        values = list(self.fields[:, shift : shift + height, shift : shift + width])
        values += [3 * blob.logits(frame) + 0.5 for blob in self.blobs]
        both = []
        for parts in (values, [ragged(self.rng, part, 0.25) for part in values]):
            both.append(np.stack([enlarge(part, self.shape) for part in parts]).argmax(0).astype(np.uint8))
        return both[0], both[1]


def write_semantic(root: Path, videos: int, frames: int = 60, shape: tuple[int, int] = (480, 854)) -> None:
    """VSPW folders, 8 of 124 classes a video."""
    rng, names = np.random.default_rng(2), [f'video{index}' for index in range(videos)]
    for name in names:
        scene, classes = Scene(rng, shape, 5, 3), rng.choice(124, 8, replace=False)
        for frame in range(frames):
            target, guess = scene.maps(frame)
            save_map(root / 'gt/data' / name / 'mask' / f'{frame:05d}.png', classes[target] + 1, palette=False)
            save_map(root / 'pred' / name / f'{frame:05d}.png', classes[guess], palette=False)
    (root / 'gt/val.txt').write_text(''.join(f'{name}\n' for name in names))


STUFF, THINGS = 6, 6  # segments of a panoptic video; ids are 1000 * (category + 1)
CATEGORIES = [{'id': index, 'name': str(index), 'isthing': int(index >= STUFF)} for index in range(STUFF + THINGS)]


def _panoptic_frame(folder: Path, name: str, ids: np.ndarray) -> dict[str, Any]:
    """Write the PNG of a frame; returns its entry of the JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(panoptic_colours(ids)).save(folder / f'{name}.png')
    areas = np.bincount(ids.ravel())
    return {
        'image_id': name,
        'file_name': f'{name}.png',
        'segments_info': [
            {'id': int(value), 'category_id': int(value) // 1000 - 1, 'iscrowd': 0, 'area': int(areas[value])}
            for value in np.flatnonzero(areas)
        ],
    }


def write_panoptic(
    root: Path, videos: int, frames: int = 20, shape: tuple[int, int] = (720, 1280), copies: int = 0
) -> None:
    """VIPSeg folders without void, 12 segments a video; with ``copies`` this many, most of them symbolic links."""
    rng = np.random.default_rng(3)
    annotations: tuple[list, list] = ([], [])
    for index in range(videos):
        scene, name = Scene(rng, shape, STUFF, THINGS), f'{index:04d}'
        entries: tuple[list, list] = ([], [])
        for frame in range(frames):
            for side, folder, values in zip((0, 1), ('gt/panomasksRGB', 'pred/pan_pred'), scene.maps(frame)):
                ids = 1000 * (1 + values.astype(np.int64))
                entries[side].append(_panoptic_frame(root / folder / name, f'{frame:04d}', ids))
        for side in (0, 1):
            annotations[side].append({'video_id': name, 'annotations': entries[side]})
    for index in range(videos, copies):
        for side, folder in zip((0, 1), ('gt/panomasksRGB', 'pred/pan_pred')):
            (root / folder / f'{index:04d}').symlink_to((root / folder / f'{index % videos:04d}').resolve())
            annotations[side].append({**annotations[side][index % videos], 'video_id': f'{index:04d}'})
    listed = [
        {
            'video_id': video['video_id'],
            'images': [
                {'id': part['image_id'], 'file_name': part['file_name'], 'height': shape[0], 'width': shape[1]}
                for part in video['annotations']
            ],
        }
        for video in annotations[0]
    ]
    for side, name in ((0, 'gt/panoptic_gt_VIPSeg.json'), (1, 'pred/pred.json')):
        content = {'videos': listed, 'annotations': annotations[side], 'categories': CATEGORIES}
        (root / name).write_text(json.dumps(content))


def _burst_sequence(
    index: int, shape: tuple[int, int], frames: int, tubes: Sequence[Sequence[Any]], labels: Sequence[int]
) -> dict[str, Any]:
    """One sequence of a BURST file; tubes are RLE or None and optional scores, by frame."""
    return {
        'id': index,
        'dataset': 'bench',
        'seq_name': f'sequence{index}',
        'height': shape[0],
        'width': shape[1],
        'annotated_image_paths': [f'{frame:05d}.jpg' for frame in range(frames)],
        'track_category_ids': {str(track + 1): int(label) for track, label in enumerate(labels)},
        'segmentations': [
            {str(track + 1): {'rle': tube[frame]['counts']} for track, tube in enumerate(tubes) if tube[frame]}
            for frame in range(frames)
        ],
    }


def write_tracks(root: Path, sequences: int, frames: int = 20, shape: tuple[int, int] = (720, 1280)) -> None:
    """BURST files: 8 true and 24 predicted tracks a sequence, in a few classes."""
    rng = np.random.default_rng(4)
    merged = {source for source, _ in BURST_MERGED_IDS}
    classes = sorted(set(BURST_COMMON_IDS) - set(BURST_DISTRACTOR_IDS) - merged)
    sides: tuple[list, list] = ([], [])
    for index in range(sequences):
        few = rng.choice(classes, 4, replace=False)
        blobs, labels = [Blob(rng, shape) for _ in range(8)], rng.choice(few, 8)
        truth = [[encode(blob.mask(frame)) for frame in range(frames)] for blob in blobs]
        sides[0].append(_burst_sequence(index, shape, frames, truth, labels))
        lists = {'neg_category_ids': [int(few[0])] if few[0] not in labels else [], 'not_exhaustive_category_ids': []}
        sides[0][-1].update(lists)
        followed = [blobs[track % 8] if track < 16 else Blob(rng, shape, (0.03, 0.15)) for track in range(24)]
        found = [predicted_tube(rng, blob, frames, 0.9 - 0.4 * (track // 8)) for track, blob in enumerate(followed)]
        guesses = [labels[track % 8] if track < 12 else rng.choice(classes) for track in range(24)]
        sides[1].append(_burst_sequence(index, shape, frames, found, guesses))
    for side, name in ((0, 'gt.json'), (1, 'pred.json')):
        (root / name).write_text(json.dumps({'split': 'val', 'sequences': sides[side]}))
