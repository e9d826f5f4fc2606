"""Evaluation: `functional` holds the numbers, `metrics` the registered metrics."""
from . import metrics  # noqa: F401
