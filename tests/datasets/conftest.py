"""A generated split of Moving Shapes and hand-made frames for the tests."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import init_default_scope
from PIL import Image

import gvseg
import gvseg.datasets  # noqa: F401
from gvseg.moving_shapes import CLASSES, SplitSettings, generate_split

VIDEOS, FRAMES, SIZE = 3, 8, (48, 80)
LOAD = [dict(type='LoadClipFrames'), dict(type='LoadClipAnnotations')]


@pytest.fixture(autouse=True)
def mmdet_scope() -> None:
    """Pipelines look their steps up in mmdet's registries."""
    init_default_scope('mmdet')


@pytest.fixture(scope='session')
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small split named ``val``."""
    out = tmp_path_factory.mktemp('shapes')
    generate_split(out, SplitSettings('val', VIDEOS, FRAMES, 5, SIZE))
    return out / 'val'


@pytest.fixture
def configs(split: Path) -> dict[str, dict]:
    """Configs of the four tasks' data sets on the split, no pipeline."""
    return dict(
        vis=dict(
            type='YouTubeVISVideoDataset',
            data_root=str(split / 'ytvis'),
            ann_file='instances.json',
            data_prefix=dict(img_path='JPEGImages'),
        ),
        vss=dict(
            type='VSPWDataset',
            data_root=str(split / 'vspw'),
            ann_file='val.txt',
            data_prefix=dict(img_path='data'),
            metainfo=dict(classes=CLASSES),
        ),
        vps=dict(
            type='VIPSegDataset',
            data_root=str(split / 'vipseg'),
            ann_file='panoptic_gt.json',
            data_prefix=dict(img_path='imgs', seg_map_path='panomasksRGB'),
        ),
        evs=dict(
            type='YouTubeVOSDataset',
            data_root=str(split / 'ytvos'),
            ann_file='meta.json',
            data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations'),
        ),
    )


def write_video(root: Path, maps: list, name: str = 'clip') -> dict:
    """Write a DAVIS-like video of gray frames.

    Args:
        root: Folder of the data set.
        maps: One (H, W) array of object ids for each frame.
        name: Of the video.

    Returns:
        dict: Config of its test data set, no pipeline.
    """
    images, masks = root / 'JPEGImages' / name, root / 'Annotations' / name
    images.mkdir(parents=True)
    masks.mkdir(parents=True)
    for number, ids in enumerate(maps):
        gray = np.full(ids.shape + (3,), 100, np.uint8)
        Image.fromarray(gray).save(images / f'{number:05d}.jpg')
        Image.fromarray(ids.astype(np.uint8)).save(masks / f'{number:05d}.png')
    return dict(
        type='DAVISDataset',
        data_root=str(root),
        sequences=[name],
        data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations'),
        test_mode=True,
    )


@pytest.fixture
def vis(configs: dict[str, dict], split: Path, tmp_path: Path) -> dict:
    """Config of a data set whose annotation file may be edited."""
    shutil.copy(split / 'ytvis/instances.json', tmp_path / 'instances.json')
    return dict(configs['vis'], ann_file=str(tmp_path / 'instances.json'), pipeline=LOAD, test_mode=True)


def burst_val(root: Path) -> dict:
    """Config of the validation split of a BURST tree."""
    return dict(
        type='BURSTDataset',
        data_root=str(root),
        ann_file=str(root / 'annotations/val/all_classes.json'),
        test_mode=True,
        data_prefix=dict(img_path='frames/val'),
        pipeline=LOAD,
    )


def edit_json(path: Path, change) -> None:
    """Load a JSON file, let ``change`` edit it in place, write it back."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
