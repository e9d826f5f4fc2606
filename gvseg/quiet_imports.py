"""Imports mmdet and mmseg before anything else does, without what they print about optional packages they lack.

Tools import this first; in a library it would hide from users what concerns them. Errors are raised as ever.
"""
import contextlib
import io
import warnings

warnings.filterwarnings('ignore', category=UserWarning, module='mmdet|torch')
with contextlib.redirect_stdout(io.StringIO()):
    import mmdet.datasets  # noqa: F401
    import mmseg.datasets  # noqa: F401
