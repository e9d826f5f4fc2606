"""Targets that need torch: data sets with their pipelines, checkpoints."""

import io
import json
import random
import struct
import tempfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmdet.registry import DATASETS
from mmengine.registry import init_default_scope

from gvseg.moving_shapes import CLASSES, SplitSettings, generate_split
from gvseg.utils.checkpoint import read_meta, read_state
from gvseg.utils.weight_conversion import read_weights
from tests.fuzz import mutations
from tests.fuzz.targets import BURST_FILES, Target

PIPELINE = [dict(type='LoadClipFrames'), dict(type='LoadClipAnnotations')]
SIZE = (48, 80)
CONFIGS: Mapping[str, dict[str, Any]] = {
    'ytvis': dict(type='YouTubeVISVideoDataset', data_prefix=dict(img_path='JPEGImages')),
    'vipseg': dict(type='VIPSegDataset', data_prefix=dict(img_path='imgs', seg_map_path='panomasksRGB')),
    'vspw': dict(type='VSPWDataset', data_prefix=dict(img_path='data'), metainfo=dict(classes=CLASSES)),
    'ytvos': dict(type='YouTubeVOSDataset', data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations')),
    'davis': dict(type='DAVISDataset', data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations')),
    'coco': dict(type='COCOPseudoVideoDataset', data_prefix=dict(img_path='')),
    'burst': dict(type='BURSTDataset', data_prefix=dict(img_path='')),
}


@lru_cache(maxsize=1)
def _shapes() -> dict[str, dict[str, bytes]]:
    """Files of a small split of Moving Shapes: format -> name -> content."""
    with tempfile.TemporaryDirectory() as folder:
        generate_split(Path(folder), SplitSettings('val', 2, 2, 5, SIZE))
        root = Path(folder) / 'val'
        return {
            name: {
                str(path.relative_to(root / name)): path.read_bytes()
                for path in sorted((root / name).rglob('*'))
                if path.is_file()
            }
            for name in ('ytvis', 'vspw', 'vipseg', 'ytvos')
        }


def _first(name: str, ending: str) -> Callable[[], dict[str, bytes]]:
    """Files of a format, the first one with this ending before all others: that one is damaged."""

    def make() -> dict[str, bytes]:
        files = _shapes()[name]
        chosen = next(file for file in files if file.endswith(ending))
        return {chosen: files[chosen], **files}

    return make


def _davis(ending: str) -> Callable[[], dict[str, bytes]]:
    def make() -> dict[str, bytes]:
        files = _first('ytvos', ending)()
        videos = sorted({Path(file).parent.name for file in files if file.endswith('.png')})
        return {**files, 'val.txt': '\n'.join(videos).encode()}

    return make


def _coco() -> dict[str, bytes]:
    """The frames of ytvis as images, their first masks as annotations."""
    files = _shapes()['ytvis']
    content = json.loads(files['instances.json'])
    names = [name for video in content['videos'] for name in video['file_names']]
    images = [
        dict(id=number, file_name=f'JPEGImages/{name}', height=SIZE[0], width=SIZE[1])
        for number, name in enumerate(names)
    ]
    mask = next(mask for mask in content['annotations'][0]['segmentations'] if mask)
    annotations = [
        dict(
            id=number,
            image_id=number,
            category_id=1,
            iscrowd=0,
            bbox=[1, 1, 9, 9],
            area=81,
            segmentation=(mask if number % 2 else [[1, 1, 10, 1, 10, 10, 1, 10]]),
        )
        for number in range(len(images))
    ]
    made = dict(images=images, annotations=annotations, categories=[dict(id=1, name='a')])
    return {
        'instances.json': json.dumps(made).encode(),
        **{name: data for name, data in files.items() if name.endswith('.jpg')},
    }


def _burst() -> dict[str, bytes]:
    import cv2

    content = BURST_FILES['all_classes.json']()
    height, width = (content['sequences'][0][key] for key in ('height', 'width'))
    image = cv2.imencode('.jpg', np.full((height, width, 3), 90, np.uint8))[1].tobytes()
    return {'all.json': json.dumps(content).encode(), **{f'X/s/{number}.jpg': image for number in range(2)}}


def load(name: str, ann_file: str) -> Callable[[Path], None]:
    """Open a data set and load every frame of it, as testing does, and see what training would take."""

    def read(path: Path) -> None:
        init_default_scope('mmdet')
        root = path
        while not (root / ann_file).is_file() and root != root.parent:
            root = root.parent
        for test_mode in (True, False):
            dataset = DATASETS.build(
                dict(CONFIGS[name], data_root=str(root), ann_file=ann_file, test_mode=test_mode, pipeline=PIPELINE)
            )
            if test_mode:
                for video in range(len(dataset)):
                    dataset[video]

    return read


def _saved(content: Any) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def _checkpoint() -> dict[str, Any]:
    state = {'backbone.a': torch.zeros(2, 3), 'head.b': torch.ones(4), 'head.count': torch.tensor(3)}
    return dict(state_dict=state, meta=dict(iter=3, dataset_meta=dict(classes=('cat', 'dog'))), optimizer=dict(lr=0.1))


def checkpoint_values(rng: random.Random, data: bytes) -> bytes:
    """Other contents of a checkpoint."""
    content = torch.load(io.BytesIO(data), weights_only=True)
    return _saved(mutations.edit(rng, content))


def _safetensors() -> bytes:
    header = json.dumps(
        {
            '__metadata__': {'format': 'pt'},
            'a': dict(dtype='F32', shape=[2, 3], data_offsets=[0, 24]),
            'b': dict(dtype='I64', shape=[1], data_offsets=[24, 32]),
        }
    ).encode()
    return struct.pack('<Q', len(header)) + header + bytes(32)


def safetensors_header(rng: random.Random, data: bytes) -> bytes:
    """Other values in the header of a safetensors file, whose length fits."""
    (length,) = struct.unpack_from('<Q', data)
    header = mutations.json_values(rng, data[8 : 8 + length])
    return struct.pack('<Q', rng.choice((len(header), len(header), 2**40))) + header + data[8 + length :]


def _hugging_face() -> dict[str, bytes]:
    index = dict(metadata=dict(total_size=32), weight_map={'a': 'model-1.safetensors', 'b': 'model-1.safetensors'})
    return {
        'model.safetensors.index.json': json.dumps(index).encode(),
        'model-1.safetensors': _safetensors(),
        'config.json': b'{"id2label": {"0": "cat"}}',
    }


DATA_TARGETS: dict[str, Target] = {
    'dataset_ytvis': Target(_first('ytvis', 'instances.json'), mutations.JSON, load('ytvis', 'instances.json')),
    'dataset_vipseg': Target(_first('vipseg', 'panoptic_gt.json'), mutations.JSON, load('vipseg', 'panoptic_gt.json')),
    'dataset_vipseg_map': Target(_first('vipseg', '.png'), mutations.PNG, load('vipseg', 'panoptic_gt.json')),
    'dataset_vspw_map': Target(_first('vspw', '.png'), mutations.PNG, load('vspw', 'val.txt')),
    'dataset_vspw_list': Target(_first('vspw', 'val.txt'), mutations.TEXT, load('vspw', 'val.txt')),
    'dataset_frame': Target(_first('ytvis', '.jpg'), mutations.BYTES, load('ytvis', 'instances.json')),
    'dataset_ytvos': Target(_first('ytvos', 'meta.json'), mutations.JSON, load('ytvos', 'meta.json')),
    'dataset_davis_map': Target(_davis('.png'), mutations.PNG, load('davis', 'val.txt')),
    'dataset_coco': Target(_coco, mutations.JSON, load('coco', 'instances.json')),
    'dataset_burst': Target(_burst, mutations.JSON, load('burst', 'all.json')),
    'checkpoint': Target(
        lambda: {'a.pth': _saved(_checkpoint())},
        (checkpoint_values, checkpoint_values, *mutations.BYTES),
        lambda path: (read_state(str(path)), read_meta(str(path))),
    ),
    'safetensors': Target(
        lambda: {'a.safetensors': _safetensors()},
        (safetensors_header, *mutations.BYTES),
        lambda path: read_weights(str(path)),
    ),
    'hugging_face_index': Target(_hugging_face, mutations.JSON, lambda path: read_weights(str(path.parent))),
}
