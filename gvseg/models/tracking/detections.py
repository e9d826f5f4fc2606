"""Queries of a clip as association reads them: numpy arrays on the CPU, for a network on any device.

Shapes: N queries, K of them confident, C classes, D model width, T frames, u v descriptor bins, h w mask pixels.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gvseg.core.tracking.motion import places_and_areas
from gvseg.models.structures import ClipPrediction


@dataclass
class Detections:
    """The N queries of a clip, before they have slots.

    Attributes:
        embeddings: (N, D) float32.
        first, last: descriptors in the first and in the last frame with pixels, (N, u, v).
        classes: class probabilities without "no object", (N, C).
        confidence: highest of these, (N,).
        is_confident: queries with pixels and a class probability above the threshold, (N,) bool.
        is_thing: thing queries, (N,) bool.
        same_role: which queries may take over one another's slot, (N, N) bool.
        objects: object id of each query, -1: none, (N,).
        frames: indices of the clip's frames, (T,).
        logits: mask logits (N, T, h, w), still on their device.
    """

    embeddings: np.ndarray
    first: np.ndarray
    last: np.ndarray
    classes: np.ndarray
    confidence: np.ndarray
    is_confident: np.ndarray
    is_thing: np.ndarray
    same_role: np.ndarray
    objects: np.ndarray
    frames: np.ndarray
    logits: Tensor

    @classmethod
    def of(cls, clip: ClipPrediction, confidence: float) -> 'Detections':
        """Those of a clip; ``confidence`` is the threshold of confident queries."""
        ends, classes = array(clip.descriptors.float()), array(clip.probabilities[:, :-1].float())
        best = classes.max(1)
        objects = clip.queries.objects
        return cls(
            embeddings=array(clip.embeddings.float()),
            first=ends[:, 0],
            last=ends[:, 1],
            classes=classes,
            confidence=best,
            is_confident=(best > confidence) & array(clip.present).any(1),
            is_thing=array(clip.queries.is_thing),
            same_role=array(clip.queries.same_role()),
            objects=np.full(len(classes), -1) if objects is None else array(objects[0]),
            frames=array(clip.frames),
            logits=clip.masks,
        )

    def __len__(self) -> int:
        return len(self.embeddings)

    @cached_property
    def tubes(self) -> 'ConfidentTubes':
        """Tubes of the confident queries."""
        return ConfidentTubes.of(self)


@dataclass
class ConfidentTubes:
    """The K confident tubes of a clip; most queries are not confident, and nothing is computed for them.

    Attributes:
        queries: which queries they are, (K,).
        masks: (K, T, h, w) bool.
        places: centroids, zeros for the other queries, (N, T) complex.
        areas: pixels, zeros for the other queries, (N, T).
    """

    queries: np.ndarray
    masks: np.ndarray
    places: np.ndarray
    areas: np.ndarray

    @classmethod
    def of(cls, clip: Detections) -> 'ConfidentTubes':
        """Those of a clip."""
        queries = clip.is_confident.nonzero()[0]
        logits = clip.logits.index_select(0, torch.from_numpy(queries).to(clip.logits.device))
        masks, shape = array(logits > 0), clip.logits.shape[:2]
        places, areas = np.zeros(shape, dtype=np.complex64), np.zeros(shape, dtype=np.float32)
        if len(queries):
            places[queries], areas[queries] = places_and_areas(masks)
        return cls(queries, masks, places, areas)


def array(tensor: Tensor) -> np.ndarray:
    """Detached CPU copy."""
    return tensor.numpy(force=True)
