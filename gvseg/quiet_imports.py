"""Imports mmdet and mmseg before anything else does, without what they print about optional packages they lack.

Tools import this first; in a library it would hide from users what concerns them. Errors are raised as ever, but a
missing package ends the tool with one line.
"""

import contextlib
import io
import sys
import warnings

from .utils.versions import NEEDED, IncompatibleVersionError, check_versions

try:
    check_versions(NEEDED)
except IncompatibleVersionError as error:
    print(f'error: {error}', file=sys.stderr)
    sys.exit(2)
warnings.filterwarnings('ignore', category=UserWarning, module='mmdet|torch')
with contextlib.redirect_stdout(io.StringIO()):
    import mmdet.datasets  # noqa: F401
    import mmseg.datasets  # noqa: F401
