"""The stand-in for mmcv's compiled operators: importable, callable only into a clear error, never in the way."""

import importlib.util
import inspect
import pickle
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType

import pytest
import torch

from gvseg.utils import mmcv_ops
from gvseg.utils.mmcv_ops import EXTENSION, MissingOpsError, StandInExtension, has_compiled_ops, install_stand_in


@pytest.fixture
def without_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process in which nobody has imported the extension yet."""
    monkeypatch.setitem(sys.modules, EXTENSION, None)
    del sys.modules[EXTENSION]


@pytest.fixture
def stand_in(without_extension: None, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The stand-in as installed for an mmcv without operators."""
    monkeypatch.setattr(mmcv_ops, 'has_compiled_ops', lambda: False)
    assert install_stand_in()
    return sys.modules[EXTENSION]


def test_every_operator_exists_and_raises_one_clear_error(stand_in: ModuleType) -> None:
    with pytest.raises(MissingOpsError, match='"nms" was called.*without compiled operators'):
        stand_in.nms(1, iou=2)
    assert stand_in.nms is stand_in.nms


def test_it_looks_like_an_ordinary_module(stand_in: ModuleType) -> None:
    assert not hasattr(stand_in, '__file__') and not hasattr(stand_in, '__path__') and not hasattr(stand_in, '_private')
    assert importlib.util.find_spec(EXTENSION).origin == 'gvseg stand-in'
    assert importlib.import_module(EXTENSION) is stand_in


def test_pickle_inspect_and_scripting_go_on_working(stand_in: ModuleType) -> None:
    assert pickle.loads(pickle.dumps(stand_in.roi_align)).__name__ == 'roi_align'
    assert inspect.getmodule(test_it_looks_like_an_ordinary_module).__name__ == __name__
    assert torch.jit.script(torch.nn.ReLU())(torch.tensor([-1.0])).item() == 0


def test_installing_twice_keeps_the_first(stand_in: ModuleType) -> None:
    assert install_stand_in() and sys.modules[EXTENSION] is stand_in


def test_an_extension_on_disk_is_found_and_not_shadowed(
    without_extension: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / 'mmcv'
    package.mkdir()
    (package / '__init__.py').touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, 'mmcv', raising=False)
    assert not has_compiled_ops()
    (package / f'_ext{EXTENSION_SUFFIXES[0]}').touch()
    importlib.invalidate_caches()
    assert has_compiled_ops()
    assert not install_stand_in() and EXTENSION not in sys.modules


def test_a_loaded_extension_stays(without_extension: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ModuleType(EXTENSION)
    monkeypatch.setitem(sys.modules, EXTENSION, real)
    assert not install_stand_in() and sys.modules[EXTENSION] is real


def test_without_mmcv_nothing_is_installed(without_extension: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmcv_ops, 'find_spec', lambda name: None)
    assert not install_stand_in() and EXTENSION not in sys.modules


def test_mmdet_models_import_behind_the_stand_in() -> None:
    import mmdet.models  # noqa: F401

    extension = sys.modules[EXTENSION]
    assert isinstance(extension, StandInExtension) != has_compiled_ops()
