"""Steps of ``gpu_check.py``, which loads the OpenMMLab packages first; each returns its results as plain data."""

import copy
import math
import platform
import re
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from compared_models import ROOT, TINY_VPS, VIS, VPS, build, clip_samples, pixels, read_config, without_kernels
from gpu_measures import Arguments, autocast, batches, guarded, measure, precisions
from gpu_shipped import shipped
from torch import Tensor, nn

from gvseg.apis.dummy_clip import dummy_clip
from gvseg.models.layers import deformable_sampling
from gvseg.models.layers.deformable_sampling import triton_kernel

#: Names of profiler events of synchronisation, copies and launches.
WAITS = (
    r'cudaStreamSynchronize|cudaDeviceSynchronize|cudaMemcpyAsync|cudaLaunchKernel$|Memcpy DtoH.*|Memcpy HtoD.*|'
    r'aten::item|aten::nonzero|aten::_local_scalar_dense'
)


def hardware(arguments: Arguments) -> dict:
    """Hardware, versions, speed of matrix products and copies."""
    side = 8192 if arguments.device.startswith('cuda') else 512
    found = dict(
        python=platform.python_version(), torch=torch.__version__, cuda=torch.version.cuda, numpy=np.__version__
    )
    if arguments.device.startswith('cuda'):
        query = ['nvidia-smi', '--query-gpu=name,driver_version,memory.total', '--format=csv,noheader']
        found['card'] = guarded(lambda: dict(line=subprocess.run(query, capture_output=True, text=True).stdout.strip()))
        found['device'] = torch.cuda.get_device_name()
    for name, dtype, tf32 in (
        ('fp32', torch.float32, False),
        ('tf32', torch.float32, True),
        ('fp16', torch.float16, False),
        ('bf16', torch.bfloat16, False),
    ):
        torch.backends.cuda.matmul.allow_tf32 = tf32
        matrix = torch.randn(side, side, device=arguments.device, dtype=dtype)
        ms = measure(lambda matrix=matrix: matrix @ matrix, arguments)['ms']
        found[f'matmul_{name}_TFLOPs'] = round(2 * side**3 / ms / 1e9, 2) if ms else None
    source = torch.empty(2**30 if side > 512 else 2**24, dtype=torch.uint8, device=arguments.device)
    target = torch.empty_like(source)
    ms = measure(lambda: target.copy_(source), arguments)['ms']
    found['copy_GB_per_s_read_and_written'] = round(2 * len(source) / max(ms, 1e-3) / 1e6, 1)
    with torch.no_grad():
        found['deformable_attention'] = deformable_sampling.implementation(torch.empty(1, device=arguments.device))
    return found


def training(arguments: Arguments) -> dict:
    """One step of R-50 VPS and VIS, two clips of three frames of one video, at three precisions."""
    configs = dict(vps=VPS, vis=VIS)
    return {
        f'{task} {precision}': guarded(
            lambda path=path, precision=precision: _steps(path, 'ours', precision, arguments), f'{task} {precision}'
        )
        for task, path in configs.items()
        for precision in precisions(arguments)
    }


def mmdet_training(arguments: Arguments) -> dict:
    """The same for mmdet's model of the size of VIS, two videos of a clip."""
    plain = without_kernels()
    return dict(
        attention='torch' if plain else 'mmcv',
        **{
            precision: guarded(lambda precision=precision: _steps(VIS, 'mmdet', precision, arguments), precision)
            for precision in precisions(arguments)
        },
    )


def _steps(path: str, whose: str, precision: str, arguments: Arguments) -> dict:
    size = tuple(arguments.size)
    config = read_config(path)
    head = config.model.track_head
    if arguments.device == 'cpu':
        head.train_cfg.num_points = 64  # tests the script on a CPU
    frames, videos = (6, 1) if whose == 'ours' else (3, 2)
    model = build(config, whose, arguments.device).train()
    inputs = pixels(size, videos, frames, arguments.device)
    samples = clip_samples(size, videos, frames, head.num_classes)
    return training_step(model, inputs, samples, precision, arguments)


def training_step(model: nn.Module, inputs: Tensor, samples: list, precision: str, arguments: Arguments) -> dict:
    """Loss of the first steps, milliseconds and memory of one; ``finite``: losses and gradients are."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    scaler = torch.amp.GradScaler(enabled=precision == 'fp16' and arguments.device.startswith('cuda'))
    totals, norms = [], []

    def step() -> None:
        optimizer.zero_grad()
        with autocast(arguments, precision):
            losses = model.loss(inputs, copy.deepcopy(samples))  # mmdet writes into its samples
            total = sum(value.sum() for value in losses.values())
        scaler.scale(total).backward()
        scaler.unscale_(optimizer)
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 0.01))
        scaler.step(optimizer)
        scaler.update()
        totals.append(total.detach())

    found = measure(step, arguments, repeats=5)
    losses = [round(float(value), 4) for value in totals]
    # The initial loss scale overflows, so the scaler skips its first steps.
    return dict(found, losses=losses, finite=all(map(math.isfinite, losses)) and math.isfinite(float(norms[-1])))


def inference(arguments: Arguments) -> dict:
    """A clip of R-50 VIS at three precisions, with a channels-last backbone too: milliseconds, memory, differences."""
    config, reference = read_config(VIS), {}
    model = build(config, 'ours', arguments.device).eval()
    found = {
        precision: guarded(
            lambda precision=precision: _clips(model, config, precision, reference, arguments), precision
        )
        for precision in precisions(arguments)
    }
    if triton_kernel() is not None:
        with patch.object(deformable_sampling, 'triton_kernel', lambda: None):
            for precision in ('fp32', 'bf16'):
                found[f'{precision} without deformops'] = guarded(
                    lambda precision=precision: _clips(model, config, precision, reference, arguments),
                    f'{precision} without deformops',
                )
    found['bf16 batches'] = guarded(lambda: batches(model, config, arguments))
    model.use_channels_last()
    found['bf16 channels_last'] = guarded(lambda: _clips(model, config, 'bf16', reference, arguments))
    found['TFLOP'] = guarded(lambda: dict(clip=_flops(model, config, arguments)))
    return found


def _clips(model: nn.Module, config, precision: str, reference: dict, arguments: Arguments) -> dict:
    """Time and memory of predicting a clip, and the difference of its outputs to the first measured precision."""
    inputs, sample = dummy_clip(config, tuple(arguments.size))
    inputs = inputs.to(arguments.device)
    if next(model.backbone.parameters()).is_contiguous(memory_format=torch.channels_last) and inputs.dim() == 5:
        inputs = inputs[0].contiguous(memory_format=torch.channels_last)[None]

    @torch.no_grad()
    def network():
        with autocast(arguments, precision):
            features = model.backbone(inputs[0])
            return model.track_head.predict_clip(
                features, model.track_head.clip_batch(features, [sample], with_targets=False)
            )

    @torch.no_grad()
    def everything():
        with autocast(arguments, precision):
            model.predict(inputs, [sample])

    found = measure(network, arguments)
    found['with_output_ms'] = measure(everything, arguments)['ms']
    clip = network()
    values = dict(probabilities=clip.probabilities.float(), masks=clip.masks.float())
    for name, value in values.items():
        first = reference.setdefault(name, value)
        found[f'{name}_difference'] = round(float((value - first).abs().max()), 5)
    found['share_of_equal_mask_pixels'] = float(((values['masks'] > 0) == (reference['masks'] > 0)).float().mean())
    return found


@torch.no_grad()
def _flops(model: nn.Module, config, arguments: Arguments) -> float:
    from torch.utils.flop_counter import FlopCounterMode

    inputs, sample = dummy_clip(config, tuple(arguments.size))
    with FlopCounterMode(display=False) as counter:
        model.predict(inputs.to(arguments.device), [sample])
    return round(counter.get_total_flops() / 1e12, 3)


def mmdet_inference(arguments: Arguments) -> dict:
    """The same of mmdet's model, without its output."""
    plain, config = without_kernels(), read_config(VIS)
    model = build(config, 'mmdet', arguments.device).eval()
    inputs = dummy_clip(config, tuple(arguments.size))[0].to(arguments.device)
    sample = clip_samples(tuple(arguments.size), 1, 3, config.model.track_head.num_classes)[0]

    def run(precision: str) -> dict:
        @torch.no_grad()
        def network():
            with autocast(arguments, precision):
                return model.track_head(model.backbone(inputs[0]), sample)

        return measure(network, arguments)

    found = {
        precision: guarded(lambda precision=precision: run(precision), precision) for precision in precisions(arguments)
    }
    return dict(attention='torch' if plain else 'mmcv', **found)


def stalls(arguments: Arguments) -> dict:
    """Number of synchronisations of a training step: tiny VPS, and R-50 VIS at bfloat16."""
    return dict(
        tiny_vps=guarded(lambda: _stalls(TINY_VPS, (96, 160), 'fp32', arguments), 'tiny_vps'),
        r50_vis=guarded(lambda: _stalls(VIS, tuple(arguments.size), 'bf16', arguments), 'r50_vis'),
    )


def _stalls(path: str, size: tuple[int, int], precision: str, arguments: Arguments) -> dict:
    from torch.profiler import ProfilerActivity, profile

    config = read_config(path)
    if arguments.device == 'cpu':
        config.model.track_head.train_cfg.num_points = 64
    model = build(config, 'ours', arguments.device).train()
    inputs = pixels(size, 2, 6, arguments.device)
    samples = clip_samples(size, 2, 6, config.model.track_head.num_classes)
    found = training_step(model, inputs, samples, precision, arguments)

    def step() -> None:
        with autocast(arguments, precision):
            total = sum(value.sum() for value in model.loss(inputs, samples).values())
        total.backward()

    waits = _waits(step) if arguments.device.startswith('cuda') else {}
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * arguments.device.startswith('cuda')
    with profile(activities=activities) as profiler:
        step()
    events = profiler.events()
    counts = Counter(event.name for event in events)
    wanted = re.compile(WAITS)
    gpu = sum(getattr(event, 'self_device_time_total', 0) for event in profiler.key_averages()) / 1000
    return dict(
        found,
        waits=waits,
        counts={name: count for name, count in counts.items() if wanted.match(name)},
        device_ms=round(gpu, 2),
    )


def _waits(step: Callable[[], None]) -> dict[str, int]:
    """Python lines that synchronise with the device in a step, and how often."""
    torch.cuda.set_sync_debug_mode('warn')
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            step()
    finally:
        torch.cuda.set_sync_debug_mode('default')
    places = (
        f'{"/".join(Path(item.filename).parts[-2:])}:{item.lineno}'
        for item in caught
        if 'synchroniz' in str(item.message)
    )
    return dict(Counter(places).most_common(25))


def tests(arguments: Arguments) -> dict:
    """Run the tests that need a GPU."""
    paths = [
        'tests/models/test_on_gpu.py',
        'tests/core/descriptors/test_compute.py',
        'tests/models/test_deformable_sampling.py',
    ]
    command = [sys.executable, '-m', 'pytest', '-q', '-rs', '--tb=short', '-p', 'no:cacheprovider', *paths]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    found = dict(output=done.stdout[-4000:])
    return dict(found, error=f'pytest ended with status {done.returncode}') if done.returncode else found


def compile(arguments: Arguments) -> dict:
    """Backbone and pixel decoder through torch.compile, at bfloat16 and full precision."""
    config, reference = read_config(VIS), {}
    model = build(config, 'ours', arguments.device).eval()
    found = dict(plain=_clips(model, config, 'fp32', reference, arguments))
    model.backbone.compile()
    model.track_head.pixel_decoder.compile()
    for precision in ('fp32', 'bf16'):
        found[precision] = guarded(
            lambda precision=precision: _clips(model, config, precision, reference, arguments), precision
        )
    return found


STEPS = {
    step.__name__: step
    for step in (hardware, shipped, training, mmdet_training, inference, mmdet_inference, stalls, tests, compile)
}
