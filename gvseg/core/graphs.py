"""Whether a graph is being recorded, for caches that must not keep its symbolic tensors."""

import torch

#: torch 2.1 has no ``is_compiling`` and records graphs for export by tracing.
is_recording = getattr(torch.compiler, 'is_compiling', torch.jit.is_tracing)
