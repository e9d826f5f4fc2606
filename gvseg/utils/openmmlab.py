"""Imported before anything that imports an OpenMMLab package: one clear line where such a package is missing.

Raises:
    IncompatibleVersionError: as :func:`check_versions`.
"""

from .versions import NEEDED, check_versions

check_versions(NEEDED)
