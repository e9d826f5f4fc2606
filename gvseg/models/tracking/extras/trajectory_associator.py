"""Association with motion: Eq. 6 plus tube IoU in shared frames and constant-velocity prediction.

Shapes: N queries = slots, C classes, T frames of a clip, S remembered places, h w mask pixels. Places are complex
numbers, x + i y.
"""

from dataclasses import dataclass

import numpy as np
from mmdet.registry import TASK_UTILS

from gvseg.core.similarity import cosine_similarity
from gvseg.core.tracking.assignment import fill_unmatched, hungarian_match
from gvseg.core.tracking.motion import covered_share, estimate_velocities, extrapolate
from gvseg.core.tracking.tubes import tube_iou

from ..detections import Detections
from ..spa_associator import UNSEEN_AGE, SPAAssociator


@dataclass
class Trajectories:
    """Motion history of the N slots of one video, and their tubes in the last clip.

    Invariant: row s of every field but ``tubes`` and ``slots`` belongs to slot s; ``times`` is -1 where no place is
    remembered. A slot whose age is ``UNSEEN_AGE`` remembers no place.

    Attributes:
        places: centroids in the last S frames in which the slot was reliably observed, (N, S) complex.
        areas: pixels in these frames, (N, S).
        times: indices of these frames, (N, S) int.
        tubes: the reliable ones of the last clip, (K, T, h, w) bool.
        slots: the slots of these, (K,) int.
        frames: indices of the clip's frames, (T,) int.
        classes: running mean of the class probabilities, (N, C).
        expected: where each slot is expected in the frames of the clip being linked, (N, T) complex.
    """

    places: np.ndarray
    areas: np.ndarray
    times: np.ndarray
    tubes: np.ndarray
    slots: np.ndarray
    frames: np.ndarray
    classes: np.ndarray
    expected: np.ndarray

    @classmethod
    def empty(cls, clip: Detections, num_history: int) -> 'Trajectories':
        """Without any history."""
        shape = (len(clip), num_history)
        return cls(
            places=np.zeros(shape, dtype=np.complex64),
            areas=np.zeros(shape, dtype=np.float32),
            times=np.full(shape, -1),
            tubes=clip.tubes.masks[:0],
            slots=np.zeros(0, dtype=np.int64),
            frames=clip.frames,
            classes=np.zeros_like(clip.classes),
            expected=np.zeros((len(clip), len(clip.frames)), dtype=np.complex64),
        )


@TASK_UTILS.register_module()
class TrajectoryAssociator(SPAAssociator):
    """Eq. 6 plus tube IoU and constant-velocity cues.

    Objects of the same appearance that pass each other swap identities under Eq. 6: while they touch there is one blob,
    and after it appearance and last position are ambiguous; velocity is not. The score of a slot and a query is a
    weighted sum of the affinity, the IoU of the two tubes in frames that both clips have, the proximity to the expected
    place of the slot, and the similarity of velocity, size and class. Passing objects have opposite velocities, which
    separates them where the line fitted to an oscillating motion extrapolates to the wrong place. A query in a place
    where two slots are expected updates the motion of neither. Stuff is matched by Eq. 6. Not in the paper.

    Args:
        num_history: places a slot's line is fitted to (S).
        weights: of ``affinity``, ``overlap``, ``motion``, ``speed``, ``size`` and ``classes``.
        match_score_thr: minimum score of a matched pair.
        max_motion_distance: maximum distance from the expected place, in radii of the tube; grows for slots that have
            not been seen lately.
        motion_update_score_thr: minimum confidence of a query that updates its slot's motion. One below still gets the
            slot's id, but the visible rest of an object that is being occluded does not corrupt the motion model.
        kwargs: as :class:`SPAAssociator`.
    """

    WEIGHTS = dict(affinity=0.5, overlap=2.0, motion=2.0, speed=4.0, size=2.0, classes=0.2)
    SPEED_SCALE = 10.0  # velocities that differ by a tenth of a radius per frame have similarity 1 / e

    def __init__(
        self,
        num_history: int = 6,
        weights: dict[str, float] | None = None,
        match_score_thr: float = 0.8,
        max_motion_distance: float = 3.0,
        motion_update_score_thr: float = 0.3,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.num_history = num_history
        self.weights = {**self.WEIGHTS, **(weights or {})}
        self.match_score_thr = match_score_thr
        self.max_motion_distance = max_motion_distance
        self.motion_update_score_thr = motion_update_score_thr
        self.paths: Trajectories | None = None

    def reset(self) -> None:
        """Forget the current video."""
        super().reset()
        self.paths = None

    @property
    def trajectories(self) -> Trajectories:
        """Those of the video, which there are from its first clip on."""
        assert self.paths is not None
        return self.paths

    def _link(self, clip: Detections) -> np.ndarray:
        if self.paths is None or len(self.paths.times) != len(clip):
            self.paths = Trajectories.empty(clip, self.num_history)
        self.paths.expected = self._expected(clip.frames)
        return super()._link(clip)

    def _match(self, clip: Detections) -> np.ndarray:
        affinities, known = self._match_scores(clip), self._known()
        scores, near = self._pair_scores(clip, affinities)
        linked = known[:, None] & clip.is_confident & near & (scores > self.match_score_thr)
        # All other pairs score near 0: a slot without its query, and a query that takes a new slot.
        scores = np.where(linked, scores, 0.01 * (~known[:, None] & clip.is_confident))
        forbidden = known[:, None] & clip.is_confident & ~linked
        things = clip.is_thing[:, None] & clip.is_thing
        return fill_unmatched(
            hungarian_match(np.where(things, scores, affinities), self._allowed(clip) & ~(forbidden & things))
        )

    def _known(self) -> np.ndarray:
        """Slots that hold an object which is seen or remembered, (N,) bool."""
        return (self.tracks.age <= self.memory) & (self.trajectories.times >= 0).any(1)

    def _pair_scores(self, clip: Detections, affinities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted match score of slot s and query q, and whether q is near the expected place; both (N, N)."""
        paths, now = self.trajectories, clip.tubes
        size, found = self._typical_area(), now.areas > 0
        frames_found = np.maximum(found.sum(1), 1)
        radius = np.maximum(np.sqrt(size / np.pi), 0.5)[:, None]
        away = (np.abs(paths.expected[:, None] - now.places) * found).sum(-1) / frames_found
        away = away / radius / self._absence(clip.frames)[:, None]
        area = now.areas.sum(1) / frames_found
        size_similarity = np.minimum(size[:, None], area) / np.maximum(np.maximum(size[:, None], area), 1)
        earlier, later = (paths.frames[:, None] == clip.frames).nonzero()
        overlap = np.zeros_like(affinities)
        overlap[paths.slots[:, None], now.queries] = tube_iou(paths.tubes[:, earlier], now.masks[:, later])
        parts = dict(
            affinity=affinities,
            motion=np.exp(-away),
            size=size_similarity,
            overlap=overlap,
            speed=self._velocity_similarity(clip.frames, now.places, found, radius),
            classes=cosine_similarity(paths.classes, clip.classes),
        )
        return sum(self.weights[name] * part for name, part in parts.items()), away < self.max_motion_distance

    def _absence(self, frames: np.ndarray) -> np.ndarray:
        """Factor on each slot's maximum distance: 1, growing with the time since it was last observed, (N,)."""
        return np.maximum((frames.min() - self.trajectories.times.max(1)) / self.num_history, 1)

    def _velocity_similarity(
        self, frames: np.ndarray, places: np.ndarray, found: np.ndarray, radius: np.ndarray
    ) -> np.ndarray:
        """Similarity of the velocities of slot s and query q in [0, 1], 0 where either is unknown; (N, N)."""
        paths = self.trajectories
        before, moved = estimate_velocities(paths.places, paths.times, paths.times >= 0)
        now, moves = estimate_velocities(places, frames, found)
        return np.exp(-self.SPEED_SCALE * np.abs(before[:, None] - now) / radius) * (moved[:, None] & moves)

    def _expected(self, frames: np.ndarray) -> np.ndarray:
        """Places of the slots in these frames, (N, T): observed ones where there are, else extrapolated.

        Extrapolation is limited to S frames.
        """
        paths = self.trajectories
        until = paths.times.max(1, keepdims=True) + self.num_history
        line = extrapolate(paths.places, paths.times, paths.times >= 0, np.minimum(frames, until))
        same = paths.times[:, None] == frames[:, None]  # (N, T, S)
        count = same.sum(2)
        return np.where(count > 0, (same * paths.places[:, None]).sum(2) / np.maximum(count, 1), line)

    def _typical_area(self) -> np.ndarray:
        """Median area of the remembered places, the lower of two, (N,); 0 where there is none."""
        known = self.trajectories.times >= 0
        areas = np.sort(np.where(known, self.trajectories.areas, np.inf), axis=1)
        count = known.sum(1)
        return np.where(count > 0, areas[np.arange(len(areas)), np.maximum(count - 1, 0) // 2], 0)

    def _update(self, clip: Detections, slots: np.ndarray) -> None:
        order = np.argsort(slots)
        seen, known = clip.is_confident[order], self._known()
        contested = self._contested(clip, order, seen, known)
        uncertain = seen & known & (clip.confidence[order] < self.motion_update_score_thr)
        super()._update(clip, slots)
        self._remember(clip, order, slots, seen & ~contested & ~uncertain, fresh=seen & ~known)
        gone = self.tracks.age > self.memory
        self.trajectories.times[gone & (self.tracks.age < UNSEEN_AGE)] = -1

    def _contested(self, clip: Detections, order: np.ndarray, seen: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Slots whose query lies where another slot, recently seen but unmatched now, is expected, (N,) bool."""
        waiting = known & ~seen & (clip.frames.min() - self.trajectories.times.max(1) <= 2 * self.num_history)
        contested = np.zeros_like(seen)
        if waiting.any():
            inside = covered_share(clip.tubes.masks, self.trajectories.expected[waiting]) > 0.5
            contested[clip.tubes.queries] = inside.any(0)
        return contested[order]

    def _remember(
        self, clip: Detections, order: np.ndarray, slots: np.ndarray, reliable: np.ndarray, fresh: np.ndarray
    ) -> None:
        """Add the clip to the trajectories of ``reliable`` slots; ``fresh`` ones drop their history first."""
        paths, now = self.trajectories, clip.tubes
        paths.times[fresh] = -1
        areas = now.areas[order]
        new = np.where(reliable[:, None] & (areas > 0), clip.frames, -1)
        again = ((paths.times[:, :, None] == new[:, None]) & (new[:, None] >= 0)).any(2)
        times = np.concatenate((np.where(again, -1, paths.times), new), 1)
        chosen = np.argsort(-times, axis=1, kind='stable')[:, : self.num_history]
        slot = np.arange(len(times))[:, None]
        paths.times = times[slot, chosen]
        paths.areas = np.concatenate((paths.areas, areas), 1)[slot, chosen]
        paths.places = np.concatenate((paths.places, now.places[order]), 1)[slot, chosen]
        of_tubes = slots[now.queries]
        certain = reliable[of_tubes]
        paths.tubes, paths.slots, paths.frames = now.masks[certain], of_tubes[certain], clip.frames
        probabilities = clip.classes[order]
        mixed = np.where(fresh[:, None], probabilities, 0.7 * paths.classes + 0.3 * probabilities)
        paths.classes = np.where(clip.is_confident[order][:, None], mixed, paths.classes)
