"""Compare the speed of the shape-position descriptor on whole tensors with a Python loop over masks.

Three implementations are timed alternately on the same masks: all masks at once; the same function mask by mask; and a
plain numpy and scipy implementation for one mask. All use every contour pixel and hard bins; their results are
compared.

Example:
    python tools/benchmarks/benchmark_descriptor.py --masks 300 --size 90 160
"""

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from gvseg.core.descriptors import PAPER_POINTS, DescriptorSpec, compute_descriptors
from gvseg.entry import entry_point

DIM = 256
SPEC = DescriptorSpec(points=None)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""

    parser = argparse.ArgumentParser(description='Time the shape-position descriptor against a loop over masks')
    parser.add_argument('--masks', type=int, default=300, help='masks, that is queries times frames of a clip')
    parser.add_argument('--size', type=int, nargs=2, default=(90, 160), help='height and width of a mask')
    parser.add_argument('--repeats', type=int, default=7, help='rounds; the median is reported')
    parser.add_argument('--threads', type=int, default=1, help="torch's CPU threads")
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    return parser.parse_args(arguments)


def random_ellipses(count: int, height: int, width: int) -> Tensor:
    """Ellipses of random place, size and proportion, (count, height, width) bool."""

    generator = torch.Generator().manual_seed(0)
    rows, columns = torch.arange(height)[:, None] + 0.5, torch.arange(width) + 0.5
    y, x, half_height, half_width = (torch.rand(count, 1, 1, generator=generator) for _ in range(4))
    down = (rows - y * height) / ((0.05 + 0.25 * half_height) * height)
    right = (columns - x * width) / ((0.05 + 0.25 * half_width) * width)
    return down.square() + right.square() <= 1


def describe_in_numpy(mask: np.ndarray) -> np.ndarray:
    """Descriptor of one mask (H, W), after Eq. 3-4 with all contour pixels, (u, v)."""
    from scipy.ndimage import binary_erosion

    if not mask.any():
        return np.zeros((SPEC.angle_bins, SPEC.radius_bins))
    reach, shape = math.hypot(*mask.shape), (SPEC.angle_bins, SPEC.radius_bins)
    centre = np.argwhere(mask).mean(0) + 0.5
    points = np.argwhere(mask & ~binary_erosion(mask, np.ones((3, 3)))) + 0.5 - centre
    angle = np.arctan2(points[:, 0], points[:, 1]) / (2 * np.pi) % 1 * shape[0]
    radius = np.hypot(points[:, 0], points[:, 1]) / reach * shape[1]
    histogram = np.zeros(shape)
    np.add.at(
        histogram, (angle.astype(int) % shape[0], radius.astype(int)), PAPER_POINTS / len(points) / math.sqrt(DIM)
    )
    angles = (np.arange(shape[0])[:, None] + 0.5) / shape[0] * 2 * np.pi
    radii = (np.arange(shape[1]) + 0.5) / shape[1] * reach
    rows, columns = centre[0] + radii * np.sin(angles), centre[1] + radii * np.cos(angles)
    outside = (rows < 0) | (rows > mask.shape[0]) | (columns < 0) | (columns > mask.shape[1])
    return np.where(outside, -1 / math.sqrt(DIM), histogram)


def ways(masks: Tensor) -> dict[str, Callable[[], Tensor]]:
    """Functions to compare, by name; each computes the descriptors of all masks."""

    return {
        'whole tensor': lambda: compute_descriptors(masks, SPEC, DIM),
        'mask by mask': lambda: torch.stack([compute_descriptors(mask, SPEC, DIM) for mask in masks]),
        'numpy loop': lambda: torch.from_numpy(np.stack([describe_in_numpy(mask.cpu().numpy()) for mask in masks])),
    }


def seconds(function: Callable[[], Tensor], device: str) -> float:
    """Duration of a call, synchronised with the device."""

    start = time.perf_counter()
    function()
    if device.startswith('cuda'):
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Time the implementations alternately and print the medians."""

    torch.set_num_threads(arguments.threads)
    masks = random_ellipses(arguments.masks, *arguments.size).to(arguments.device)
    functions = ways(masks)
    results = {name: function().float().cpu() for name, function in functions.items()}
    times = {name: [] for name in functions}
    for _ in range(arguments.repeats):
        for name, function in functions.items():
            times[name].append(seconds(function, arguments.device))
    median = {name: statistics.median(values) for name, values in times.items()}
    height, width = arguments.size
    print(
        f'{arguments.masks} masks of {height} x {width} on {arguments.device}, {arguments.threads} thread(s), '
        f'median of {arguments.repeats}'
    )
    for name, value in median.items():
        same = (results[name] - results['whole tensor']).abs().flatten(1).max(1).values < 1e-4
        print(
            f'{name:13} {1000 * value:9.2f} ms  {value / median["whole tensor"]:6.1f} x  '
            f'{int(same.sum())} of {len(same)} descriptors equal'
        )


if __name__ == '__main__':
    sys.exit(main())
