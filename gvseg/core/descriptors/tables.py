"""Small tensors that depend on sizes only, made once for each size and device."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

from gvseg.core.graphs import is_recording

Table = TypeVar('Table')


def cached_table(maxsize: int) -> Callable[[Callable[..., Table]], Callable[..., Table]]:
    """Decorator: keep the last ``maxsize`` results.

    While a graph is recorded (``torch.export``, ``torch.compile``) every table is made anew: one kept from a graph
    would be no real tensor, and one kept from before no part of it.
    """

    def decorate(function: Callable[..., Table]) -> Callable[..., Table]:
        kept = lru_cache(maxsize)(function)

        @wraps(function)
        def table(*sizes: object) -> Table:
            return function(*sizes) if is_recording() else kept(*sizes)

        return table

    return decorate
