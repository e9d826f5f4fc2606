"""A cache laid out as the hub's library does, with small random networks under the real names of files."""

import hashlib
import json
import shutil
from pathlib import Path

import torch
from mmengine.config import Config

from gvseg.apis import class_names
from gvseg.utils.config import load_config
from tests.model_converters.small_networks import (
    DECODER_LAYERS,
    DIM,
    ENCODER_LAYERS,
    QUERIES,
    SWIN,
    shrink,
    their_mask2former,
    their_swin,
)

ROOT = Path(__file__).resolve().parents[2]
REVISION = '22c4a2f15dc88149b8b8d9f4d42c54431fbd66f6'


def small_mask2former(folder: Path, classes: tuple[str, ...], embed: int = 24) -> Path:
    """``config.json`` and ``model.safetensors`` of a narrow Mask2Former, as transformers saves it."""
    torch.manual_seed(0)
    their_mask2former(their_swin(embed), classes).save_pretrained(folder)
    return folder


def narrow_config(folder: Path) -> Path:
    """The panoptic Swin config made as narrow; untrained queries are reported too."""
    config = Config.fromfile(ROOT / 'configs/vps/gvseg-vps_swin-t_zero-shot_coco.py')
    config.model.backbone = SWIN
    config.model.task_output.update(min_score=0.0, min_overlap=0.0)
    head = config.model.track_head
    head.update(in_channels=[24, 48, 96, 192], feat_channels=DIM, out_channels=DIM, num_queries=QUERIES)
    head.query_initializer.num_queries = QUERIES
    head.positional_encoding.num_feats = head.pixel_decoder.positional_encoding.num_feats = DIM // 2
    shrink(head.pixel_decoder.encoder, ENCODER_LAYERS, 96)
    shrink(head.transformer_decoder, DECODER_LAYERS, 80)
    config.test_dataloader.dataset.pipeline[0].short_sides = (64,)
    path = folder / 'narrow.py'
    config.dump(str(path))
    return path


def narrow_vit_config(folder: Path, propagated: bool) -> Path:
    """A config of any video with a small encoder-only network of five classes."""
    from tests.model_converters.small_networks import CLASSES
    from tests.model_converters.small_vits import vit_config

    config = Config.fromfile(ROOT / 'configs/vps/gvseg-vps_swin-t_zero-shot_coco.py')
    config.model = vit_config((4, 4), propagated=propagated).model
    config.model.task_output = dict(type='InstanceOutput', min_score=0.0)
    config.model.track_head.num_frames = 1
    config.test_dataloader.dataset.update(metainfo=dict(classes=CLASSES))
    config.test_dataloader.dataset.pipeline[0].short_sides = (32,)
    path = folder / f'vit_{propagated}.py'
    config.dump(str(path))
    return path


def coco_panoptic() -> tuple[str, ...]:
    """Names of COCO's 133 classes."""
    return class_names(load_config('configs/vps/gvseg-vps_r50_zero-shot_coco.py'))


def store(cache: Path, repository: str, files: Path) -> Path:
    """Put files into the cache of the hub: ``blobs`` named by content, ``refs`` and ``snapshots``; returns the last."""
    root = cache / f'models--{repository.replace("/", "--")}'
    snapshot = root / 'snapshots' / REVISION
    for folder in (root / 'blobs', root / 'refs', snapshot):
        folder.mkdir(parents=True, exist_ok=True)
    (root / 'refs' / 'main').write_text(REVISION)
    for file in files.iterdir():
        large = file.suffix in ('.safetensors', '.bin', '.pth')  # others have git's SHA-1
        name = hashlib.new('sha256' if large else 'sha1', file.read_bytes()).hexdigest()
        shutil.copy(file, root / 'blobs' / name)
        (snapshot / file.name).symlink_to(Path('../../blobs') / name)
    return snapshot


def config_json(**fields: object) -> str:
    """Text of a ``config.json``."""
    return json.dumps(fields)
