"""Checks OpenMMLab packages when imported; import it before any of them, so that a missing one gives a clear error.

Raises:
    IncompatibleVersionError: as :func:`check_versions`.
"""

from .versions import NEEDED, check_versions

check_versions(NEEDED)
