"""Data types of mixed precision by name."""

import torch

from .errors import ConfigError

HALF_PRECISION = {'float16': torch.float16, 'bfloat16': torch.bfloat16}


def half_precision(name: str) -> torch.dtype:
    """The type of this name.

    Raises:
        ConfigError: it is none of them.
    """
    if name not in HALF_PRECISION:
        raise ConfigError(f'Mixed precision is float16 or bfloat16, not {name}.')
    return HALF_PRECISION[name]


def default_half_precision() -> str:
    """float16 on CUDA, as in mmengine; bfloat16 on CPU, whose kernels support it."""
    return 'float16' if torch.cuda.is_available() else 'bfloat16'
