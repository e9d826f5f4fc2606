"""The examples of docs/custom_dataset.md are whole configs that load their data, and build their models."""
import re
from pathlib import Path
from typing import Dict

import pytest
from mmdet.registry import DATASETS, MODELS
from mmengine.config import Config

import gvseg.datasets  # noqa: F401
import gvseg.engine  # noqa: F401
import gvseg.evaluation.metrics  # noqa: F401
import gvseg.models  # noqa: F401
import gvseg.visualization  # noqa: F401
from gvseg.datasets.moving_shapes import SplitSettings, generate_split
from gvseg.utils.config import check_parts

pytestmark = pytest.mark.usefixtures('mmdet_scope')
ROOT = Path(__file__).resolve().parents[1]


def examples() -> Dict[str, str]:
    """Name -> source of the page's examples."""
    text = (ROOT / 'docs/custom_dataset.md').read_text(encoding='utf-8')
    return dict(re.findall(r'```python\n# example: (\w+)\n(.*?)```', text, re.DOTALL))


@pytest.fixture(scope='module')
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated videos as the page makes them, but few and small."""
    out = tmp_path_factory.mktemp('data')
    for split in ('train', 'val'):
        generate_split(out, SplitSettings(split, 2, 6, 0, (96, 160)))
    return out


def test_there_is_an_example_for_every_kind_of_data():
    assert sorted(examples()) == ['evs', 'vis', 'vps', 'vss']


@pytest.mark.parametrize('name', ['vis', 'vss', 'vps', 'evs'])
def test_example(name, shapes, tmp_path):
    source = examples()[name].replace('data/my_data', str(shapes))
    source = source.replace("'../", f"'{ROOT}/configs/")
    path = tmp_path / f'my_{name}.py'
    path.write_text(source, encoding='utf-8')
    config = Config.fromfile(path)
    check_parts(config, str(path))
    data = DATASETS.build(config.train_dataloader.dataset)
    assert config.model.track_head.num_classes == len(data.metainfo['classes'])
    sample = data[0, 0]['data_samples']
    labels = {int(label) for frame in sample for label in frame.gt_instances.labels}
    assert labels <= set(range(config.model.track_head.num_classes))
    clip = DATASETS.build(config.val_dataloader.dataset)[0, [0, 1, 2]]
    assert clip['inputs'].shape == (3, 3, 144, 240)  # enlarged by half
    MODELS.build(config.model)
