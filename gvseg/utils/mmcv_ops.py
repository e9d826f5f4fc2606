"""A stand-in for ``mmcv._ext`` where mmcv was built without compiled operators.

``import mmcv.ops`` looks up some eighty functions of the extension module when it is imported,
and ``mmdet.models`` imports ``mmcv.ops``. GvSeg calls none of them (``point_sample`` is
pure torch, our deformable attention falls back to torch), so a module whose functions raise one clear error
when called is enough. A real extension is never shadowed.
"""

import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import NoReturn

EXTENSION = 'mmcv._ext'


class MissingOpsError(RuntimeError):
    """A compiled operator of mmcv was called, but mmcv was built without them."""


class MissingOperator:
    """Placeholder of one compiled function; raises when called.

    Args:
        name (str): The function's name in ``mmcv._ext``.
    """

    def __init__(self, name: str) -> None:
        self.__name__ = self.__qualname__ = name
        self.__module__ = EXTENSION

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        raise MissingOpsError(
            f'mmcv operator "{self.__name__}" was called, but the installed mmcv was built '
            'without compiled operators. Use a part that does not need it, or install an mmcv '
            'that was built with its operators for your torch and CUDA version.'
        )

    def __repr__(self) -> str:
        return f'<missing mmcv operator {self.__name__}>'

    def __reduce__(self) -> tuple:
        return MissingOperator, (self.__name__,)


class StandInExtension(ModuleType):
    """Placeholder of the module ``mmcv._ext``.

    Names that begin with an underscore raise AttributeError: pickle, inspect, torch.jit and the import
    system probe every module for such names.
    """

    def __getattr__(self, name: str) -> MissingOperator:
        if name.startswith('_'):
            raise AttributeError(f'module {EXTENSION!r} has no attribute {name!r}')
        operator = MissingOperator(name)
        setattr(self, name, operator)
        return operator


def has_compiled_ops() -> bool:
    """Whether the installed mmcv has its compiled extension; imports nothing."""
    package = find_spec('mmcv')
    if package is None or package.submodule_search_locations is None:
        return False
    return PathFinder.find_spec(EXTENSION, package.submodule_search_locations) is not None


def install_stand_in() -> bool:
    """Put the stand-in into ``sys.modules`` where mmcv is installed without compiled operators.

    Safe to call again. Without mmcv nothing is done, so that ``gvseg.core`` works on its own.

    Returns:
        bool: Whether the stand-in is installed now.
    """
    loaded = sys.modules.get(EXTENSION)
    if loaded is not None:
        return isinstance(loaded, StandInExtension)
    if find_spec('mmcv') is None or has_compiled_ops():
        return False
    module = StandInExtension(EXTENSION, 'Stand-in for the operators mmcv was built without.')
    module.__spec__ = ModuleSpec(EXTENSION, loader=None, origin='gvseg stand-in')
    module.__package__ = 'mmcv'
    sys.modules[EXTENSION] = module
    return True
