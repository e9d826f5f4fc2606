"""Lets mmengine resolve configs named ``gvseg::vis/NAME.py``, as ``mmdet::...``.

mmengine reads a config of another package only where the package is in its table ``MODULE2PACKAGE``. The entry is
added when mmengine loads that table, so that ``import gvseg`` imports no mmengine.
"""

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

TABLE_MODULE = 'mmengine.config.utils'
PACKAGE = 'gvseg'


class _TableLoader(Loader):
    """Runs the module as its own loader does, then adds the entry.

    Args:
        loader (Loader): The module's own.
    """

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the module's own loader."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module and add the entry."""
        self._loader.exec_module(module)
        _add_entry(module)


class _TableFinder(MetaPathFinder):
    """Finds that module, once."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Spec of the table's module with a loader that adds the entry; ``None`` for all other modules."""
        if fullname != TABLE_MODULE:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _TableLoader(spec.loader)
        return spec


def _add_entry(module: ModuleType) -> None:
    """Add the package under its own name; an existing entry is kept."""
    getattr(module, 'MODULE2PACKAGE', {}).setdefault(PACKAGE, PACKAGE)


def register_package() -> None:
    """Add the entry now if mmengine is loaded, else when it is. Safe to call again."""
    if TABLE_MODULE in sys.modules:
        _add_entry(sys.modules[TABLE_MODULE])
    elif not any(isinstance(finder, _TableFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _TableFinder())
