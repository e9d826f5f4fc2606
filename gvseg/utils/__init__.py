"""Helpers which every part of GvSeg but ``core`` may import.

Nothing here is imported eagerly beyond the standard library, so that ``import gvseg`` stays light.
"""
from .mmcv_ops import MissingOpsError, has_compiled_ops, install_stand_in
from .versions import IncompatibleVersionError, check_versions, installed_version

__all__ = [
    'IncompatibleVersionError', 'MissingOpsError', 'check_versions',
    'has_compiled_ops', 'install_stand_in', 'installed_version'
]
