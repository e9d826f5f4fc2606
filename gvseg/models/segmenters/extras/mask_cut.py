"""From the mask logits of an object and what was shown of it to its mask. Not in the paper.

Points reach along colours: what is near to a positive point, by geodesic distance, is rather the object, and what is
near to a negative point is rather not. Then the object is cut out of the picture by GrabCut
(Rother, Kolmogorov and Blake, SIGGRAPH 2004).

Shapes: h w picture, P points.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from gvseg.core.geodesic import geodesic_distance

LEAST_LEFT = 0.25
"""Share of a mask below which what GrabCut leaves of it is not believed."""
WEAKER = (1.0, 0.5, 0.25)
"""Strengths of a negative point of a correction: the first that leaves half of the mask is taken, or else the last."""
COLOUR_WEIGHT = 0.3
"""Pixels to which a change of colour by 1 is as long (CIELAB as OpenCV scales it to eight bits)."""


@dataclass(frozen=True)
class MaskPrompt:
    """What is shown of one object in a frame.

    Attributes:
        inside: pixels (row, column) of its points, (P, 2) long; empty for a box.
        negative: pixels of its negative points, (P, 2) long.
        region: its box (h, w) bool; ``None`` for points.
        outside: pixels of other things, (h, w) bool.
    """

    inside: np.ndarray
    negative: np.ndarray
    region: np.ndarray | None
    outside: np.ndarray


@dataclass(frozen=True)
class MaskCut:
    """How masks are cut out.

    Attributes:
        sure: mask logits below and above which GrabCut may not change a pixel of a new object. With a box, pixels are
            surely outside outside of it alone.
        sure_corrected: the same of an object that is corrected by a negative point.
        iterations: of GrabCut; 0: it is not used.
        pull: mask logit that a positive point adds at itself; falls linearly to 0 at ``reach``. A point of a new object
            that the network has outside adds more, so that it is inside. 0: points do not reach.
        push: mask logit that a negative point takes at itself; falls to 37 % at half of ``reach``.
        push_corrected: the same of a correction; falls to 37 % at ``reach``.
        reach: geodesic distance, in pixels.
    """

    sure: tuple[float, float] = (-4.0, 2.0)
    sure_corrected: tuple[float, float] = (-4.0, 9.0)
    iterations: int = 1
    pull: float = 3.0
    push: float = 2.0
    push_corrected: float = 12.0
    reach: float = 80.0

    def new(self, picture: np.ndarray, logits: np.ndarray, prompt: MaskPrompt, known: bool = False) -> np.ndarray:
        """Mask (h, w) bool of an object with mask logits (h, w) in a picture (h, w, 3) uint8 RGB.

        Args:
            known: it is what corrects an object that is followed: its points add ``pull`` and no more.
        """
        if prompt.region is None and self.pull:
            logits = self._pulled(picture, logits, prompt.inside, known)
        logits = pushed(picture, logits, prompt, self.push, self.reach / 2)
        mask = _belonging((logits > 0) & ~prompt.outside, prompt)
        if not mask.any() or not self.iterations:
            return mask
        grabbed = _belonging(self._grab(picture, logits, prompt, self.sure), prompt)
        return grabbed if grabbed.sum() >= LEAST_LEFT * mask.sum() else mask

    def corrected(self, picture: np.ndarray, logits: np.ndarray, added: np.ndarray, prompt: MaskPrompt) -> np.ndarray:
        """Mask (h, w) bool of a known object: what is ``added`` (h, w) bool stays, negative points take away.

        They are weakened where they would take more than half of it, which is rather the object itself.
        """
        whole = (logits > 0) | added
        if not len(prompt.negative):
            return whole
        logits = np.where(added, np.maximum(logits, self.sure_corrected[1]), logits)
        mask = whole
        for share in WEAKER:
            mask = self._without(picture, logits, added, prompt, share * self.push_corrected)
            if 2 * (mask & whole).sum() >= whole.sum():
                break
        return mask

    def _without(
        self, picture: np.ndarray, logits: np.ndarray, added: np.ndarray, prompt: MaskPrompt, push: float
    ) -> np.ndarray:
        """Mask (h, w) bool after negative points of some strength."""
        logits = pushed(picture, logits, prompt, push, self.reach)
        logits = np.where(added & (logits > 0), np.inf, logits)
        mask = (logits > 0) & ~prompt.outside
        return self._grab(picture, logits, prompt, self.sure_corrected) if self.iterations and mask.any() else mask

    def _pulled(self, picture: np.ndarray, logits: np.ndarray, points: np.ndarray, known: bool) -> np.ndarray:
        """Mask logits (h, w), raised around positive points."""
        places = np.unique(points, axis=0)
        missing = np.maximum(-logits[tuple(places.T)], 0)
        strength = self.pull + (np.zeros_like(missing) if known else missing)
        added = [
            value * (1 - distance_along_colours(picture, places[strength == value]) / self.reach).clip(0)
            for value in np.unique(strength)
        ]
        return logits + np.max(added, axis=0)

    def _grab(
        self, picture: np.ndarray, logits: np.ndarray, prompt: MaskPrompt, sure: tuple[float, float]
    ) -> np.ndarray:
        """The mask by GrabCut."""
        state = np.where(logits > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        state[logits > sure[1]] = cv2.GC_FGD
        state[logits < sure[0] if prompt.region is None else ~prompt.region] = cv2.GC_BGD
        state[prompt.outside] = cv2.GC_BGD
        state[tuple(prompt.inside.T)] = cv2.GC_FGD
        inside = np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD))
        if not inside.any() or inside.all():
            return inside
        cv2.setRNGSeed(0)
        outer, inner = np.zeros((1, 65)), np.zeros((1, 65))  # mixtures of colours, which start from the state
        cv2.grabCut(picture, state, (0, 0, 1, 1), outer, inner, self.iterations, cv2.GC_INIT_WITH_MASK)
        return np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD))


def pushed(picture: np.ndarray, logits: np.ndarray, prompt: MaskPrompt, push: float, reach: float) -> np.ndarray:
    """Mask logits (h, w), lowered around negative points."""
    if not len(prompt.negative) or not push:
        return logits
    return logits - push * np.exp(-distance_along_colours(picture, prompt.negative) / reach)


def distance_along_colours(picture: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Distance (h, w) from the nearest of some places (row, column) in a picture (h, w, 3) uint8 RGB, in pixels."""
    return geodesic_distance(COLOUR_WEIGHT * cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32), places)


def connected(mask: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The components (h, w) of a mask that contain one of the places (row, column); all if none does."""
    labels, _ = ndimage.label(mask, np.ones((3, 3), bool))
    wanted = np.setdiff1d(labels[tuple(places.T)], 0)
    return np.isin(labels, wanted) if len(wanted) else mask


def _belonging(mask: np.ndarray, prompt: MaskPrompt) -> np.ndarray:
    """What of a mask (h, w) may belong to the object."""
    return connected(mask, prompt.inside) if prompt.region is None else mask & prompt.region
