"""Kept while scripts move to :mod:`gvseg.entry`: importing this module does what :func:`load_openmmlab` does."""

from .entry import load_openmmlab, readable_errors

with readable_errors():
    load_openmmlab()
