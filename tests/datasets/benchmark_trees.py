"""Small trees in the layouts that the benchmarks are downloaded in. Every video has 3 frames of 24 x 32 pixels."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pycocotools.mask as coco_mask
from PIL import Image

from gvseg.formats.class_lists import OVIS_CLASSES, VIPSEG_CLASSES, VIPSEG_THINGS

SIZE = (24, 32)
FRAMES = 3


def square(left: int, value: int = 1) -> np.ndarray:
    """(24, 32) int array with one 8 x 8 square."""
    values = np.zeros(SIZE, np.int64)
    values[4:12, left : left + 8] = value
    return values


def write_image(path: Path, shade: int = 100) -> None:
    """A gray frame."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(SIZE + (3,), shade, np.uint8)).save(path)


def write_map(path: Path, values: np.ndarray) -> None:
    """A PNG of one channel, 16 bits where needed, or RGB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = values.astype(np.uint16 if values.max() > 255 else np.uint8)
    Image.fromarray(values).save(path)


def rle(mask: np.ndarray, listed: bool = False) -> dict:
    """COCO RLE, with text or (as in YouTube-VIS) a list of counts."""
    if listed:
        flat = np.concatenate([[0], (mask > 0).T.reshape(-1), [2]])
        edges = np.flatnonzero(np.diff(flat.astype(np.int64), prepend=0))
        runs = np.diff(np.concatenate([[0], edges - 1])).tolist()
        return dict(size=list(mask.shape), counts=runs)
    code = coco_mask.encode(np.asfortranarray((mask > 0).astype(np.uint8)))
    return dict(size=list(mask.shape), counts=code['counts'].decode())


def write_json(path: Path, content: Any) -> None:
    """Write with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def tube(number: int, video: int, category: int, masks: Sequence[dict | None]) -> dict:
    """An annotation of YouTube-VIS and OVIS."""
    return dict(
        id=number,
        video_id=video,
        category_id=category,
        iscrowd=0,
        segmentations=list(masks),
        bboxes=[[0, 4, 8, 8] if mask else None for mask in masks],
        areas=[64 if mask else None for mask in masks],
        height=SIZE[0],
        width=SIZE[1],
        occlusion=['no_occlusion' if mask else None for mask in masks],
    )  # OVIS


def youtube_vis(root: Path, splits: dict[str, int], classes: Sequence[str] = OVIS_CLASSES, listed: bool = True) -> None:
    """``annotations_<split>.json`` and ``<split>/<video>/img_0000001.jpg`` as in OVIS; valid has no annotations."""
    for split, count in splits.items():
        videos, tubes = [], []
        for video in range(count):
            names = [f'{split}_{video}/img_{frame + 1:07d}.jpg' for frame in range(FRAMES)]
            for name in names:
                write_image(root / split / name)
            videos.append(dict(id=video + 1, file_names=names, height=SIZE[0], width=SIZE[1], length=FRAMES))
            masks = [rle(square(4 + frame), listed) for frame in range(FRAMES)]
            tubes.append(tube(video + 1, video + 1, 1 + video, [masks[0], None, masks[2]]))
        categories = [dict(id=number, name=name) for number, name in enumerate(classes, 1)]
        write_json(
            root / f'annotations_{split}.json',
            dict(videos=videos, categories=categories, annotations=None if split == 'valid' else tubes),
        )


def vspw(root: Path, splits: dict[str, int]) -> None:
    """``VSPW_480p``: left half wall (1), right half void; test has no masks."""
    base = root / 'VSPW_480p'
    values = np.zeros(SIZE, np.int64)
    values[:, :16] = 1
    for split, count in splits.items():
        names = [f'{split}_{video}' for video in range(count)]
        for name in names:
            for frame in range(FRAMES):
                write_image(base / f'data/{name}/origin/{frame:08d}.jpg')
                if split != 'test':
                    write_map(base / f'data/{name}/mask/{frame:08d}.png', values)
        (base / f'{split}.txt').write_text('\n'.join(names))


def vipseg(root: Path, splits: dict[str, int]) -> None:
    """Wall (1) everywhere, person 2 of ``panomasks`` (6102) as a square; test has no masks."""
    for split, count in splits.items():
        names = [f'{split}_{video}' for video in range(count)]
        for name in names:
            for frame in range(FRAMES):
                write_image(root / f'imgs/{name}/{frame:08d}.jpg')
                if split != 'test':
                    values = np.ones(SIZE, np.int64)
                    values[square(frame) > 0] = 6102
                    write_map(root / f'panomasks/{name}/{frame:08d}.png', values)
        (root / f'{split}.txt').write_text('\n'.join(names))
    write_json(
        root / 'panoVIPSeg_categories.json',
        [
            dict(id=number, name=name, isthing=int(name in VIPSEG_THINGS), color=[number, 0, 0])
            for number, name in enumerate(VIPSEG_CLASSES)
        ],
    )


def kitti_step(root: Path, sequences: dict[str, list[str]]) -> None:
    """Road everywhere, car 1 as a square."""
    for split, names in sequences.items():
        for name in names:
            for frame in range(FRAMES):
                write_image(root / f'training/image_02/{name}/{frame:06d}.png')
                rgb = np.zeros(SIZE + (3,), np.uint8)
                rgb[square(frame) > 0] = 13, 0, 1
                write_map(root / f'panoptic_maps/{split}/{name}/{frame:06d}.png', rgb)


def youtube_vos(root: Path, splits: dict[str, int]) -> None:
    """Object 1 from the first frame, object 2 from the second."""
    for split, count in splits.items():
        videos = {}
        for video in range(count):
            name = f'{split}_{video}'
            for frame in range(FRAMES):
                write_image(root / f'{split}/JPEGImages/{name}/{frame * 5:05d}.jpg')
                values = square(2) + (square(20, 2) if frame else 0)
                write_map(root / f'{split}/Annotations/{name}/{frame * 5:05d}.png', values)
            videos[name] = dict(
                objects={
                    '1': dict(category='cat', frames=['00000', '00005', '00010']),
                    '2': dict(category='dog', frames=['00005', '00010']),
                }
            )
        write_json(root / split / 'meta.json', dict(videos=videos))


def davis(root: Path, year: str, names: dict[str, list[str]]) -> None:
    """``DAVIS``; the lists of 2016 hold pairs of paths."""
    for split, found in names.items():
        lines = []
        for name in found:
            for frame in range(FRAMES):
                write_image(root / f'DAVIS/JPEGImages/480p/{name}/{frame:05d}.jpg')
                values = square(4, 255 if year == '2016' else 3)
                write_map(root / f'DAVIS/Annotations/480p/{name}/{frame:05d}.png', values)
                lines.append(f'/JPEGImages/480p/{name}/{frame:05d}.jpg /Annotations/480p/{name}/{frame:05d}.png')
        path = root / f'DAVIS/ImageSets/{year}/{split}.txt'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('\n'.join(lines if year == '2016' else found))


def burst(root: Path, splits: dict[str, int]) -> None:
    """Track 1 (category 4, common) in frames 0 and 2, track 5 (category 7) from frame 2 on; a frame between lies
    unannotated."""
    for split, count in splits.items():
        entries, first = [], []
        for video in range(count):
            entry = dict(
                width=SIZE[1],
                height=SIZE[0],
                id=video,
                seq_name=f'{split}_{video}',
                dataset='LaSOT',
                fps=30,
                all_image_paths=[f'frame{frame:04d}.jpg' for frame in range(FRAMES)],
                annotated_image_paths=['frame0000.jpg', 'frame0002.jpg'],
                neg_category_ids=[],
                not_exhaustive_category_ids=[],
                track_category_ids={'1': 4, '5': 7},
            )
            for frame in range(FRAMES):
                write_image(root / f'frames/{split}/LaSOT/{split}_{video}/frame{frame:04d}.jpg')
            one, five = rle(square(2))['counts'], rle(square(20))['counts']
            entries.append(dict(entry, segmentations=[{'1': dict(rle=one)}, {'1': dict(rle=one), '5': dict(rle=five)}]))
            first.append(
                dict(
                    entry,
                    segmentations=[
                        {'1': dict(rle=one, bbox=[2, 4, 8, 8], point=[3, 5])},
                        {'5': dict(rle=five, bbox=[20, 4, 8, 8], point=[27, 11])},
                    ],
                )
            )
        categories = [dict(id=4, name='airplane'), dict(id=7, name='alligator')]
        base = dict(split=split, categories=categories)
        write_json(root / f'annotations/{split}/all_classes.json', dict(base, sequences=entries))
        write_json(root / f'annotations/{split}/first_frame_annotations.json', dict(base, sequences=first))


def coco(root: Path) -> None:
    """Four images: a cat, a crowd only, nothing, a bicycle."""
    for number in range(1, 5):
        write_image(root / f'train2017/{number:012d}.jpg')
    images = [dict(id=n, file_name=f'{n:012d}.jpg', height=SIZE[0], width=SIZE[1], license=1) for n in range(1, 5)]
    polygon = [[4, 4, 12, 4, 12, 12, 4, 12]]
    objects = [
        dict(id=1, image_id=1, category_id=17, bbox=[4, 4, 8, 8], area=64, iscrowd=0, segmentation=polygon),
        dict(
            id=2, image_id=2, category_id=17, bbox=[4, 4, 8, 8], area=64, iscrowd=1, segmentation=rle(square(4), True)
        ),
        dict(id=3, image_id=4, category_id=2, bbox=[4, 4, 8, 8], area=64, iscrowd=0, segmentation=polygon),
    ]
    categories = [dict(id=2, name='bicycle'), dict(id=17, name='cat')]
    write_json(
        root / 'annotations/instances_train2017.json', dict(images=images, categories=categories, annotations=objects)
    )
