"""Segmentation and tracking quality (STQ, AQ, SQ) from per-frame pair counts.

Shapes: C classes, m pairs, V videos.

Source: Weber et al., STEP (2021), section 4, and deeplab2's numpy scorer, whose rules are kept: pixels of predicted
things on void count towards the size of the predicted tube, void predictions form an additional class of IoU 0, and
totals are summed over all videos before the mean and the square root.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .panoptic_rules import PanopticClasses
from .segment_counts import CODE_BITS, FrameTable, Segments, sum_by


@dataclass(frozen=True)
class TrackingCounts:
    """Counts of one video.

    Attributes:
        cells, pixels: non-zero cells of the flattened (C+1,C+1) confusion and their pixel counts; label C is void.
        association: sum over ground-truth tracks of their association terms.
        tracks: number of ground-truth tracks.
    """

    cells: np.ndarray
    pixels: np.ndarray
    association: float
    tracks: int


def _look_up(segments: Segments, codes: np.ndarray) -> np.ndarray:
    """Index of each code in the segments' lists."""
    order = np.argsort(segments.codes, kind='stable')
    return order[np.searchsorted(segments.codes, codes, sorter=order)]


def track_video(frames: Sequence[FrameTable], classes: PanopticClasses) -> TrackingCounts:
    """Counts of one video; a track is a (label, code) pair, so a change of class splits it."""
    rows = [_look_up(frame.target, frame.pairs.targets) for frame in frames]
    columns = [_look_up(frame.prediction, frame.pairs.predictions) for frame in frames]
    labels = np.concatenate([frame.target.labels[row] for frame, row in zip(frames, rows)])
    untracked = np.concatenate([frame.target.untracked[row] for frame, row in zip(frames, rows)])
    predicted = np.concatenate([frame.prediction.labels[column] for frame, column in zip(frames, columns)])
    pixels = np.concatenate([frame.pairs.pixels for frame in frames])
    target_keys = _keys(labels, np.concatenate([frame.pairs.targets for frame in frames]))
    predicted_keys = _keys(predicted, np.concatenate([frame.pairs.predictions for frame in frames]))
    void = len(classes)
    cells, counts = sum_by(_to_row(labels, void) * (void + 1) + _to_row(predicted, void), pixels)
    things = list(classes.things)
    thing = np.isin(labels, things)
    in_target, in_prediction = thing & ~untracked, np.isin(predicted, things) & ~(thing & untracked)
    association, tracks = _association(target_keys, predicted_keys, pixels, in_target, in_prediction)
    return TrackingCounts(cells, counts, association, tracks)


def _to_row(labels: np.ndarray, void: int) -> np.ndarray:
    """Row in the confusion matrix; labels outside 0..C-1 map to the row of void."""
    return np.where((labels < 0) | (labels > void), void, labels)


def _keys(labels: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """One integer key per (label, code); labels are shifted because void is negative."""
    return ((labels + 8) << CODE_BITS) + codes


def _association(
    targets: np.ndarray, predictions: np.ndarray, pixels: np.ndarray, in_target: np.ndarray, in_prediction: np.ndarray
) -> tuple:
    """Sum over tracks g of 1/|g| * sum over predictions p of overlap * IoU(g, p), and the number of tracks."""
    tracks, sizes = sum_by(targets[in_target], pixels[in_target])
    predicted_tracks, predicted_sizes = sum_by(predictions[in_prediction], pixels[in_prediction])
    both = in_target & in_prediction
    row, column = np.searchsorted(tracks, targets[both]), np.searchsorted(predicted_tracks, predictions[both])
    pairs, overlap = sum_by(row * max(len(predicted_tracks), 1) + column, pixels[both])
    size = sizes[pairs // max(len(predicted_tracks), 1)]
    predicted_size = predicted_sizes[pairs % max(len(predicted_tracks), 1)]
    terms = overlap * (overlap / (size + predicted_size - overlap)) / size
    return float(terms.sum()), len(tracks)


def _segmentation(confusion: np.ndarray) -> float:
    """Mean IoU of a (C+1,C+1) confusion over the classes that occur on either side; nan without any."""
    confusion = confusion.astype(float)
    # Predictions on void are not false positives.
    confusion[-1] = 0
    hits = np.diag(confusion)
    union = confusion.sum(0) + confusion.sum(1) - hits
    occurs = union > 0
    return float((hits[occurs] / union[occurs]).mean()) if occurs.any() else float('nan')


def _confusion(videos: Sequence[TrackingCounts], size: int) -> np.ndarray:
    """(size,size) int64 sum of the videos' confusions."""
    total = np.zeros(size * size, np.int64)
    for video in videos:
        total[video.cells] += video.pixels
    return total.reshape(size, size)


def tracking_numbers(videos: Sequence[TrackingCounts], classes: PanopticClasses) -> dict[str, object]:
    """STQ, AQ, SQ_IoU of all videos, and lists of V values per video; values 0..1."""
    size = len(classes) + 1
    tracks = sum(video.tracks for video in videos)
    association = sum(video.association for video in videos) / tracks if tracks else 0.0
    segmentation = _segmentation(_confusion(videos, size))
    aq: list[float] = [video.association / video.tracks if video.tracks else 0.0 for video in videos]
    sq: list[float] = [_segmentation(_confusion([video], size)) for video in videos]
    return {
        'STQ': float(np.sqrt(association * segmentation)),
        'AQ': float(association),
        'SQ_IoU': segmentation,
        'AQ_per_seq': aq,
        'IoU_per_seq': sq,
        'STQ_per_seq': [float(np.sqrt(a * s)) for a, s in zip(aq, sq)],
    }
