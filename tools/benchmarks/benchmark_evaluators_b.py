"""Time J&F, VC_n with mIoU, and HOTA against straightforward restatements of the published scorers, on one core.

    python tools/benchmarks/benchmark_evaluators_b.py [--repeat 3] [--videos 0]

Prints processor seconds and ratios; both sides must give equal numbers, else the script fails. `--videos N` also
runs N synthetic VSPW videos through the scorer and prints the peak memory after each tenth.

Letters: T frames, H W size, K objects, n window length.
"""

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from gvseg.evaluation.functional.measures.hota import EPSILON, THRESHOLDS, hota_counts, hota_numbers
from gvseg.evaluation.functional.measures.region_boundary import boundary_radius, object_scores
from gvseg.evaluation.functional.measures.semantic import VideoCounter, semantic_numbers
from gvseg.evaluation.functional.protocols.semantic import VSPW


def moving_disks(count: int, frames: int, shape: tuple[int, int], seed: int) -> np.ndarray:
    """(T,H,W) uint8 object maps of moving, growing disks."""
    rng = np.random.default_rng(seed)
    maps = np.zeros((frames, *shape), np.uint8)
    for identity in range(1, count + 1):
        place, step, size = rng.uniform(0.2, 0.8, 2) * shape, rng.normal(0, 2, 2), rng.uniform(60, 110)
        for frame in range(frames):
            row, column = (place + frame * step).astype(int)
            cv2.circle(maps[frame], (int(column), int(row)), int(size + 10 * np.sin(frame)), identity, -1)
    return maps


def slow_boundary(mask: np.ndarray) -> np.ndarray:
    """Boundary by three shifted copies of the whole frame."""
    right, down, both = (np.zeros_like(mask) for _ in range(3))
    right[:, :-1], down[:-1], both[:-1, :-1] = mask[:, 1:], mask[1:], mask[1:, 1:]
    edge = mask ^ right | mask ^ down | mask ^ both
    edge[-1], edge[:, -1] = mask[-1] ^ right[-1], mask[:, -1] ^ down[:, -1]
    edge[-1, -1] = False
    return edge


def slow_object_scores(target: np.ndarray, prediction: np.ndarray, objects: list[int]) -> np.ndarray:
    """J and F with float maps, whole frames and one disk dilation each."""
    radius = boundary_radius(target.shape)
    rows, columns = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disk = (rows**2 + columns**2 <= radius**2).astype(np.uint8)
    scores = []
    for identity in objects:
        first, second = target.astype(float) == identity, prediction.astype(float) == identity
        union = np.sum(first | second)
        edges = slow_boundary(first), slow_boundary(second)
        near = [cv2.dilate(edge.astype(np.uint8), disk) for edge in edges]
        precision = np.sum(edges[1] * near[0]) / max(1, np.sum(edges[1]))
        recall = np.sum(edges[0] * near[1]) / max(1, np.sum(edges[0]))
        total = precision + recall
        scores.append((np.sum(first & second) / union, 2 * precision * recall / total if total else 0))
    return np.array(scores)


def slow_semantic(targets: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """mIoU by a whole-frame count per frame, VC_n by comparing every frame of every window."""
    confusion = np.zeros((124, 124))
    for target, prediction in zip(targets, predictions):
        valid = target < 124
        pairs = 124 * target[valid].astype(int) + prediction[valid]
        confusion += np.bincount(pairs, minlength=124**2).reshape(124, 124)
    hits, truth = np.diag(confusion), confusion.sum(1)
    union = truth + confusion.sum(0) - hits
    numbers = {'mIoU': float(np.mean(hits[truth > 0] / union[truth > 0]))}
    for length in (8, 16):
        values = []
        for start in range(len(targets) - length):
            still, both = (np.ones(targets[0].shape, bool) for _ in range(2))
            for step in range(1, length):
                still = np.logical_and(still, targets[start] == targets[start + step])
                both = np.logical_and(both, predictions[start] == predictions[start + step])
            values.append((still * both).sum() / still.sum())
        numbers[f'VC{length}'] = float(np.mean(values))
    return numbers


def fast_semantic(targets: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """The package's numbers of the same video."""
    counter = VideoCounter('video', VSPW)
    for target, prediction in zip(targets, predictions):
        counter.add(target, prediction)
    return semantic_numbers([counter.finish()], VSPW)


def slow_hota(frames: list[tuple]) -> dict[str, float]:
    """HOTA with one pass per threshold."""
    truth_count, found_count = (1 + max(frame[side].max() for frame in frames) for side in (0, 1))
    potential, first, second = np.zeros((truth_count, found_count)), np.zeros((truth_count, 1)), np.zeros(found_count)
    for truth, found, similarity in frames:
        union = similarity.sum(0)[None] + similarity.sum(1)[:, None] - similarity
        share = np.zeros_like(similarity)
        share[union > EPSILON] = similarity[union > EPSILON] / union[union > EPSILON]
        potential[truth[:, None], found[None]] += share
        first[truth] += 1
        second[found] += 1
    alignment = potential / (first + second - potential)
    counts = [np.zeros_like(potential) for _ in THRESHOLDS]
    hits = np.zeros(len(THRESHOLDS))
    for truth, found, similarity in frames:
        rows, columns = linear_sum_assignment(-alignment[truth[:, None], found[None]] * similarity)
        for index, threshold in enumerate(THRESHOLDS):
            chosen = similarity[rows, columns] >= threshold - EPSILON
            hits[index] += chosen.sum()
            counts[index][truth[rows[chosen]], found[columns[chosen]]] += 1
    association = [np.sum(count * count / np.maximum(1, first + second - count)) for count in counts]
    detection = hits / (first.sum() + second.sum() - hits)
    return {'HOTA': float(np.mean(np.sqrt(detection * np.array(association) / np.maximum(1, hits))))}


def fast_hota(frames: list[tuple]) -> dict[str, float]:
    """The package's number."""
    return {'HOTA': float(hota_numbers(hota_counts(frames))['HOTA'].mean())}


def seconds(function: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Best time of several calls, and the result."""
    best = float('inf')
    for _ in range(repeat):
        start = time.process_time()
        result = function()
        best = min(best, time.process_time() - start)
    return best, result


def compare(name: str, fast: Callable[[], dict], slow: Callable[[], dict], repeat: int, goal: str = '') -> None:
    """Print one line.

    Raises:
        SystemExit: the two sides disagree.
    """
    fast_time, found = seconds(fast, repeat)
    slow_time, expected = seconds(slow, 1)
    worst = max(float(np.max(np.abs(np.asarray(found[key]) - expected[key]))) for key in expected)
    print(f'{name:<48}{fast_time:>10.3f} s{slow_time:>10.3f} s{slow_time / fast_time:>8.1f}x  {worst:.1e}  {goal}')
    if worst > 1e-9:
        raise SystemExit(f'{name}: numbers differ by {worst}')


def run_memory(videos: int) -> None:
    """Score synthetic 480p videos and print how the peak memory develops."""
    results, start = [], time.process_time()
    targets, predictions = semantic_video(20, 1)
    for index in range(videos):
        counter = VideoCounter(str(index), VSPW)
        for target, prediction in zip(targets, predictions):
            counter.add(target, prediction)
        results.append(counter.finish())
        if (index + 1) % max(1, videos // 10) == 0:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f'{index + 1:>6} videos {time.process_time() - start:>8.1f} s  peak {peak:.0f} MiB')


def semantic_video(frames: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Target and predicted (T,H,W) label maps, 480p."""
    targets = moving_disks(8, frames, (480, 854), seed)
    noise = np.random.default_rng(seed).random(targets.shape) < 0.02
    return np.where(targets == 0, 255, targets).astype(np.uint8), np.where(noise, 9, targets).astype(np.uint8)


def tracking_video(seed: int = 0) -> list[tuple]:
    """200 frames with 12 true and 20 predicted tracks."""
    rng = np.random.default_rng(seed)
    return [
        (rng.permutation(15)[:12], rng.permutation(25)[:20], rng.random((12, 20)) * (rng.random((12, 20)) < 0.3))
        for _ in range(200)
    ]


def main() -> None:
    """Run all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--repeat', type=int, default=3, help='calls of the fast side; the best one counts')
    parser.add_argument('--videos', type=int, default=0, help='also score so many synthetic videos')
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(f'{"":<48}{"here":>12}{"restated":>12}{"ratio":>9}  difference')
    for count in (1, 3):
        maps = moving_disks(count, 70, (480, 854), 0)
        guesses, objects = np.roll(maps, (3, -4), (1, 2)), list(range(1, count + 1))
        compare(
            f'J&F, 70 frames 480p, {count} object(s)',
            lambda: {'JF': np.array([object_scores(*pair, objects) for pair in zip(maps, guesses)])},
            lambda: {'JF': np.array([slow_object_scores(*pair, objects) for pair in zip(maps, guesses)])},
            options.repeat,
            f'goal {0.15 * count:.2f} s',
        )
    targets, predictions = semantic_video(60, 0)
    compare(
        'mIoU + VC8 + VC16, 60 frames 480p',
        lambda: fast_semantic(targets, predictions),
        lambda: slow_semantic(targets, predictions),
        options.repeat,
    )
    frames = tracking_video()
    compare(
        'HOTA, 200 frames, 12 x 20 detections', lambda: fast_hota(frames), lambda: slow_hota(frames), options.repeat
    )
    if options.videos:
        run_memory(options.videos)


if __name__ == '__main__':
    main()
