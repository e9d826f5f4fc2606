"""Where an evaluator's CPU time goes, and what its ratio would be if all of its own Python cost nothing."""

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pycocotools import mask as coco_mask

from gvseg.formats import json_files, masks, png_maps, repeated_json

PARTS: dict[str, tuple[Callable, ...]] = {
    'reading JSON': (json_files.read_json_bytes, json_files.parse_json, repeated_json.parse_entries),
    'decoding PNGs': (png_maps.decode_png,),
    'checking run lengths': (masks.validate_and_area,),
    'pycocotools': (coco_mask.iou, coco_mask.toBbox, coco_mask.area),
}
"""Parts that cannot be left out, and the functions that do them."""
REST = 'the rest'


class Shares:
    """CPU seconds of the parts; a part called by another counts alone."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys((*PARTS, REST), 0.0)
        self._open, self._since = [REST], time.process_time()

    def _turn(self) -> None:
        now = time.process_time()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def timed(self, name: str, function: Callable) -> Callable:
        """The function, whose time counts for a part."""

        @functools.wraps(function)
        def call(*given: Any, **options: Any) -> Any:
            self._turn()
            self._open.append(name)
            try:
                return function(*given, **options)
            finally:
                self._turn()
                self._open.pop()

        return call


@contextmanager
def timed_parts(shares: Shares) -> Iterator[None]:
    """Time the functions of ``PARTS`` under every name by which a module of gvseg, or pycocotools, calls them."""
    changed = []
    modules = [module for name, module in sys.modules.items() if name.startswith('gvseg.')]
    for name, functions in PARTS.items():
        for function in functions:
            wrapped = shares.timed(name, function)
            for module in (*modules, coco_mask):
                for key, value in list(vars(module).items()):
                    if value is function:
                        changed.append((module, key, function))
                        setattr(module, key, wrapped)
    try:
        yield
    finally:
        for module, key, function in changed:
            setattr(module, key, function)


def print_shares(run: Callable[[], Any], repeat: int, theirs: float) -> None:
    """Print the parts of the quickest of several runs, and the ratio to ``theirs`` seconds without the rest."""
    best = None
    for _ in range(repeat):
        shares = Shares()
        with timed_parts(shares):
            run()
            shares._turn()
        if best is None or sum(shares.seconds.values()) < sum(best.values()):
            best = shares.seconds
    total = sum(best.values())
    parts = ', '.join(f'{name} {value:.3f} s ({100 * value / total:.0f} %)' for name, value in best.items() if value)
    print(f'    {parts}; without the rest {theirs / (total - best[REST]):.1f} times', flush=True)
