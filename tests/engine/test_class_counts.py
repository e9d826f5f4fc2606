"""All parts of a model must have the same number of classes as its head."""

from pathlib import Path

import pytest
from mmengine.config import Config

from gvseg.engine.config_checks import check_class_counts
from gvseg.utils.errors import ConfigError

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'


@pytest.mark.parametrize(
    'path', sorted(CONFIGS.glob('v*/*.py')) + sorted(CONFIGS.glob('evs/*.py')), ids=lambda path: path.stem
)
def test_shipped_configs(path: Path) -> None:
    check_class_counts(Config.fromfile(path, import_custom_modules=False))


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(num_classes=9), 'class_weight has 12 numbers, but num_classes is 9: it needs 10'),
        (dict(num_classes=9, loss_cls=dict(class_weight=[1.0] * 10)), 'auxiliary counts 11 classes, but .* is 9'),
        ({'query_initializer.parts.1.classes': (6, 12)}, 'query_initializer.parts.1 counts 12 classes, but .* is 11'),
    ],
)
def test_other_numbers_are_told(options: dict, message: str) -> None:
    config = Config.fromfile(next(CONFIGS.glob('vps/gvseg-vps_tiny*.py')), import_custom_modules=False)
    config.merge_from_dict({f'model.track_head.{key}': value for key, value in options.items()})
    with pytest.raises(ConfigError, match=message):
        check_class_counts(config)


def test_configs_without_a_head_have_nothing_to_count() -> None:
    check_class_counts(Config(dict(model=dict(type='ToyClassifier'))))
