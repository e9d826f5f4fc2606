"""The table of public weights, and folders that are known by their ``config.json``."""

import json
from pathlib import Path

import pytest

from gvseg.apis.pretrained import find_model
from gvseg.apis.weight_conversion import target_classes
from gvseg.utils import public_weights
from gvseg.utils.config import load_config
from gvseg.utils.errors import CheckpointError
from gvseg.utils.public_weights import PUBLIC_WEIGHTS, find_public_weights
from gvseg.utils.weight_conversion import DIALECTS

from .conftest import ROOT
from .local_hub import config_json

pytestmark = pytest.mark.usefixtures('mmdet_scope')


def test_a_vit_folder_is_known_by_its_config_json_and_classes(tmp_path: Path) -> None:
    row = find_public_weights('videomt-dinov2-large-ytvis2021')
    names = target_classes(load_config(row.config))
    labels = {str(index): name for index, name in enumerate(names)}
    (tmp_path / 'config.json').write_text(config_json(model_type='videomt', id2label=labels))  # ViT-L is the default
    with pytest.raises(CheckpointError, match=f'run "hf download {row.repository} config.json model.safetensors'):
        find_model(tmp_path)


SWIN_DEPTHS = dict(tiny=(96, [2, 2, 6, 2]), small=(96, [2, 2, 18, 2]), base=(128, [2, 2, 18, 2]))


@pytest.mark.parametrize('size', SWIN_DEPTHS)
@pytest.mark.parametrize('classes, task', [(80, 'vis'), (133, 'vps')])
def test_a_folder_is_known_by_its_config_json(tmp_path: Path, size: str, classes: int, task: str) -> None:
    width, depths = SWIN_DEPTHS[size]
    body = dict(model_type='swin', embed_dim=width, depths=depths)
    labels = {str(index): f'class {index}' for index in range(classes)}
    text = config_json(model_type='mask2former', backbone_config=body, id2label=labels)
    (tmp_path / 'config.json').write_text(text)
    with pytest.raises(CheckpointError, match=f'run "hf download facebook/mask2former-swin-{size}-.* --local-dir'):
        find_model(tmp_path)
    (tmp_path / 'config.json').write_text(config_json(model_type='detr'))
    with pytest.raises(CheckpointError, match='describes a network .detr. that no public weights of the table have'):
        find_model(tmp_path)


@pytest.mark.parametrize('row', PUBLIC_WEIGHTS, ids=lambda row: row.name)
def test_every_row_has_what_it_needs(row: public_weights.PublicWeights) -> None:
    load_config(str(ROOT / row.config))
    assert row.task in ('vis', 'vss', 'vps') and row.dialect in DIALECTS
    assert row.files and bool(row.owner) != bool(row.url) and row.score and row.source.licence and row.source.page
    assert sum(other.name == row.name for other in PUBLIC_WEIGHTS) == 1
    assert json.dumps(row.command).count(row.files[0]) == 1
