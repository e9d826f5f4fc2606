"""The scripts of ``tools`` and of some projects as modules."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from gvseg.utils import register_all_modules

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ('tools', 'projects/studies', 'projects/ray_data')


def tool(name: str) -> ModuleType:
    """A script, executed as a module of its name, with GvSeg's parts registered as its entry point does."""
    register_all_modules(init_default_scope=False)
    (path,) = (path for folder in FOLDERS for path in (ROOT / folder).rglob(f'{name}.py'))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    sys.path.insert(0, str(path.parent))  # scripts import their neighbours, as Python allows the one that it runs
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module
