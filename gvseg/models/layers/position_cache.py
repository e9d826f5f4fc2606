"""Positional encodings of frames without padding, which depend on nothing but a size."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from gvseg.core.graphs import is_recording


class PositionCache:
    """Encodings computed once for each size.

    Invariant: it holds at most ``capacity`` encodings, those used last, and is no part of a state dict. In a graph
    nothing is kept: what is made there is no real tensor.

    Args:
        capacity: a decoder has three levels; training at random sizes would fill any memory.
    """

    def __init__(self, capacity: int = 4) -> None:
        self.capacity = capacity
        self._known: OrderedDict[tuple, Tensor] = OrderedDict()

    def __call__(self, encoding: nn.Module, shape: tuple[int, ...], device: torch.device) -> Tensor:
        """What ``encoding`` makes of a padding mask of this shape without padding."""
        if is_recording():
            return encoding(torch.zeros(shape, dtype=torch.bool, device=device))
        key = (shape, device, torch.is_inference_mode_enabled())
        if key not in self._known:
            with torch.no_grad():
                self._known[key] = encoding(torch.zeros(shape, dtype=torch.bool, device=device))
            if len(self._known) > self.capacity:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def __deepcopy__(self, memo: dict) -> 'PositionCache':
        return PositionCache(self.capacity)

    def __reduce__(self) -> tuple:
        return PositionCache, (self.capacity,)
