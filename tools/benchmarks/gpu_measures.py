"""Helpers of the steps of ``gpu_check.py``: precision, time and memory of a call."""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext

import torch
from mmengine.config import Config

from gvseg.apis.dummy_clip import dummy_clip

_done: dict[str, dict] = {}
TYPES = dict(fp32=None, fp16=torch.float16, bf16=torch.bfloat16)
Arguments = argparse.Namespace


def autocast(arguments: Arguments, precision: str):
    """The context in which a model runs at this precision."""
    dtype = TYPES[precision]
    return nullcontext() if dtype is None else torch.autocast(torch.device(arguments.device).type, dtype)


def guarded(function: Callable[[], dict], name: str = '') -> dict:
    """Return the result of a function, or its error, so that a step continues; with a name it is printed at once."""
    try:
        found = function()
    except Exception as error:  # any error is reported as a result
        found = dict(error=f'{type(error).__name__}: {error}'[:1500])
    if name:
        _done[name] = found
        print(json.dumps(_done), flush=True)
    return found


def precisions(arguments: Arguments) -> list[str]:
    """Precisions to measure; a CPU is slow at half precision."""
    return list(TYPES) if arguments.device.startswith('cuda') else ['fp32', 'bf16']


def measure(function: Callable[[], object], arguments: Arguments, repeats: int = 7) -> dict:
    """Median milliseconds of a call after two warm-up calls, and peak memory."""
    on_gpu = arguments.device.startswith('cuda')
    wait = torch.cuda.synchronize if on_gpu else (lambda: None)
    if on_gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    seconds = []
    for _ in range(1 if arguments.quick and not on_gpu else repeats):
        wait()
        start = time.perf_counter()
        function()
        wait()
        seconds.append(time.perf_counter() - start)
    found = dict(ms=round(1000 * statistics.median(seconds[2:] or seconds), 2), first_ms=round(1000 * seconds[0], 1))
    return dict(found, peak_MiB=torch.cuda.max_memory_allocated() // 2**20) if on_gpu else found


def batches(model: torch.nn.Module, config: Config, arguments: Arguments, counts: tuple[int, ...] = (1, 4)) -> dict:
    """Time and memory of predicting batches of this many clips at bfloat16, with output."""
    inputs, sample = dummy_clip(config, tuple(arguments.size))

    @torch.no_grad()
    def predict(count: int) -> None:
        with autocast(arguments, 'bf16'):
            model.predict(inputs.to(arguments.device).repeat(count, 1, 1, 1, 1), [sample] * count)

    found = {f'{count} clips': measure(lambda count=count: predict(count), arguments) for count in counts}
    for count in counts:
        found[f'{count} clips']['ms_a_clip'] = round(found[f'{count} clips']['ms'] / count, 2)
    return found
