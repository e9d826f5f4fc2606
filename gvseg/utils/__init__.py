"""Helpers that all packages except ``core`` may import.

Only the standard library is imported eagerly, so that ``import gvseg`` stays fast.
"""

from .mmcv_ops import MissingOpsError, has_compiled_ops, install_stand_in
from .mmengine_hub import register_package
from .setup_env import register_all_modules
from .versions import IncompatibleVersionError, check_versions, installed_version

__all__ = [
    'IncompatibleVersionError',
    'MissingOpsError',
    'check_versions',
    'has_compiled_ops',
    'install_stand_in',
    'installed_version',
    'register_all_modules',
    'register_package',
]
