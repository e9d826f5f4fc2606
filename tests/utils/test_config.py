"""Configs that cannot work: one sentence with the file, the name and what may have been meant."""

from pathlib import Path

import pytest
from mmengine.config import Config

from gvseg.utils.config import check_parts, load_config
from gvseg.utils.errors import ConfigError


def write(folder: Path, text: str, name: str = 'mine.py') -> str:
    """A config file."""
    path = folder / name
    path.write_text(text)
    return str(path)


def test_options_are_merged(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, 'a = dict(b=1, c=2)'), {'a.b': 5})
    assert config.a == dict(b=5, c=2)


def test_a_missing_config_names_similar_files(tmp_path: Path) -> None:
    write(tmp_path, 'a = 1', 'gvseg-vis_tiny.py')
    with pytest.raises(ConfigError, match=r'gvseg-vis_tyni\.py does not exist; did you mean gvseg-vis_tiny\.py'):
        load_config(str(tmp_path / 'gvseg-vis_tyni.py'))
    with pytest.raises(ConfigError, match='nor does the directory'):
        load_config(str(tmp_path / 'absent' / 'x.py'))


@pytest.mark.parametrize('folder', ['', 'configs/vss/'])
def test_a_shipped_config_is_found_by_name_from_anywhere(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = 'gvseg-vss_tiny_1xb2-4k_moving-shapes-small.py'
    assert load_config(folder + name).model.track_head.num_classes == 11
    write(tmp_path, 'a = 1', name)
    assert load_config(name).a == 1  # a file of the user's own comes first


@pytest.mark.parametrize(
    'text',
    [
        'a = (',
        '_base_ = "./absent.py"',
        'a = undefined',
        'custom_imports = dict(imports=["no_such_module"], allow_failed_imports=False)',
    ],
)
def test_a_broken_config_is_named(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match='mine.py'):
        load_config(path)


def test_options_that_do_not_fit_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='--cfg-options do not fit .*mine.py'):
        load_config(write(tmp_path, 'a = [1, 2]'), {'a.7': 5})


def test_an_unknown_part_is_named_with_its_key_and_close_matches() -> None:
    config = Config(dict(default_scope='mmdet', hooks=[dict(type='CheckpointHook'), dict(type='ChekpointHook')]))
    with pytest.raises(ConfigError) as caught:
        check_parts(config, 'mine.py')
    message = str(caught.value)
    assert 'mine.py names the unknown part "ChekpointHook" at hooks.1.type' in message
    assert 'did you mean CheckpointHook' in message and '\n' not in message


def test_an_unknown_part_like_nothing_else() -> None:
    with pytest.raises(ConfigError, match='nothing registered is similar'):
        check_parts(Config(dict(model=dict(type='Qqqqxyz'))), 'mine.py')


@pytest.mark.parametrize('name', ['mmdet.ResNet', 'torch.nn.Linear', 'nms', 'mmengine.CheckpointHook'])
def test_scopes_places_and_options_are_no_unknown_parts(name: str) -> None:
    check_parts(Config(dict(default_scope='mmdet', part=dict(type=name))), 'mine.py')


def test_a_part_of_an_unknown_scope_is_reported() -> None:
    with pytest.raises(ConfigError, match='"nolibrary.ResNett"'):
        check_parts(Config(dict(part=dict(type='nolibrary.ResNett'))), 'mine.py')
