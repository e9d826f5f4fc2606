"""Matching of queries between clips by where their tubes are going.

Shapes: N queries = slots, C classes, T frames of a clip, S remembered places, h w mask pixels.
"""
from dataclasses import dataclass

import torch
from mmdet.registry import TASK_UTILS
from torch import Tensor

from gvseg.core.matching import affinity, match_slots
from gvseg.core.trajectory import centres_and_areas, covered_share, extrapolate, shared_overlap, speeds
from gvseg.models.structures import ClipPrediction

from .spa_associator import NEVER, SPAAssociator, complete


@dataclass
class SeenTubes:
    """The K tubes of a clip that are surely something; computing nothing of the others saves most of the time.

    Attributes:
        queries: which queries they are, (K,) long.
        tubes: (K, T, h, w) bool.
        centres: centroids, zeros for the other queries, (N, T, 2).
        areas: pixels, zeros for the other queries, (N, T).
    """
    queries: Tensor
    tubes: Tensor
    centres: Tensor
    areas: Tensor

    @classmethod
    def of(cls, clip: ClipPrediction, seen: Tensor) -> 'SeenTubes':
        """Those of the queries where ``seen`` (N,) is true."""
        queries = seen.nonzero().flatten()
        tubes = clip.masks[queries] > 0
        centres, areas = (values.new_zeros(len(seen), *values.shape[1:]).index_copy_(0, queries, values)
                          for values in centres_and_areas(tubes))
        return cls(queries, tubes, centres, areas)


@dataclass
class Trajectories:
    """How the N slots of one video have moved, and their tubes in the last clip.

    Invariant: row s of every field but ``tubes`` and ``slots`` is about slot s; ``times`` is -1 where no place is
    remembered. A slot whose age is ``NEVER`` remembers no place.

    Attributes:
        centres: the last S places where the slot was surely alone, (N, S, 2).
        areas: pixels then, (N, S).
        times: index of the frame then, (N, S) long.
        tubes: those of the last clip that surely were their slots' things, (K, T, h, w) bool.
        slots: the slots of these, (K,) long.
        frames: indices of the clip's frames, (T,) long.
        classes: running mean of the class probabilities, (N, C).
        expected: where each slot is expected in the frames of the clip being linked, (N, T, 2).
        now: what is seen in the clip being linked; its ``queries``, ``centres`` and ``areas`` are about queries.
    """
    centres: Tensor
    areas: Tensor
    times: Tensor
    tubes: Tensor
    slots: Tensor
    frames: Tensor
    classes: Tensor
    expected: Tensor
    now: SeenTubes | None = None

    @classmethod
    def empty(cls, clip: ClipPrediction, history: int) -> 'Trajectories':
        """Nothing known of any slot."""
        count, device = len(clip.embeddings), clip.masks.device
        return cls(
            torch.zeros(count, history, 2, device=device), torch.zeros(count, history, device=device),
            torch.full((count, history), -1, device=device), clip.masks[:0] > 0,
            torch.zeros(0, dtype=torch.long, device=device), clip.frames,
            torch.zeros_like(clip.probabilities[:, :-1]), torch.zeros(count, len(clip.frames), 2, device=device))


@TASK_UTILS.register_module()
class TrajectoryAssociator(SPAAssociator):
    """Eq. 6 with what overlapping clips and a straight line know beside it.

    Equal-looking things that pass each other swap their identities under Eq. 6: in the frames where they touch there is
    one blob, and where they part again neither looks nor the last place say who is who; the way they were going does.
    A pair of slot and query gains, beside its affinity, the IoU of the two tubes in frames that both clips have, the
    nearness to the place where the slot is expected, the likeness in speed, in size and in class. Two that pass have
    opposite speeds, which tells them apart where a line fitted to a swaying motion points to the wrong place. A query
    that lies where two slots are expected tells nothing of the motion of either. Not in the paper. Stuff is matched by
    Eq. 6.

    Args:
        history: places a slot's line is fitted to (S).
        weights: of ``affinity``, ``overlap``, ``motion``, ``speed``, ``size`` and ``classes``.
        least: least sum of a pair.
        reach: greatest distance from the expected place, in radii of the tube; farther for what was not seen lately.
        sure: least confidence of a query that tells where its slot is. One below is shown under the slot's id, but what
            is left of a thing that is being hidden, or a false one beside it, does not lead the slot astray.
        kwargs: as :class:`SPAAssociator`.
    """
    WEIGHTS = dict(affinity=0.5, overlap=2.0, motion=2.0, speed=4.0, size=2.0, classes=0.2)
    SPEED_SCALE = 10.0  # two speeds a tenth of a radius per frame apart are alike to 1 / e

    def __init__(self, history: int = 6, weights: dict[str, float] | None = None, least: float = 0.8,
                 reach: float = 3.0, sure: float = 0.3, **kwargs) -> None:
        super().__init__(**kwargs)
        self.history = history
        self.weights = {**self.WEIGHTS, **(weights or {})}
        self.least = least
        self.reach = reach
        self.sure = sure
        self.paths: Trajectories | None = None

    def reset(self) -> None:
        """Forget the current video."""
        super().reset()
        self.paths = None

    def step(self, clip: ClipPrediction) -> Tensor:
        """As the base class."""
        if self.paths is None or len(self.paths.times) != len(clip.embeddings):
            self.paths = Trajectories.empty(clip, self.history)
        self.paths.expected = self._expected(clip.frames)
        self.paths.now = SeenTubes.of(clip, self._seen(clip))
        return super().step(clip)

    def _match(self, clip: ClipPrediction, first: Tensor, objects: Tensor) -> Tensor:
        takes_cues = clip.queries.takes_cues
        allowed = clip.queries.same_role() & ((self.state.objects < 0)[:, None] == (objects < 0)[None])
        looks = affinity(self._embed(self.state.embeddings, self.state.descriptors, takes_cues),
                         self._embed(clip.embeddings, first, takes_cues))
        known, seen = self._known(), self._seen(clip)
        scores, near = self._pair_scores(clip, looks)
        linked = known[:, None] & seen[None] & near & (scores > self.least)
        # Everything else is worth nothing: a slot without its query and a query that opens a slot.
        scores = torch.where(linked, scores, 0.01 * (~known[:, None] & seen[None]))
        forbidden = known[:, None] & seen[None] & ~linked
        things = takes_cues[:, None] & takes_cues[None]
        return complete(match_slots(torch.where(things, scores, looks), allowed & ~(forbidden & things)))

    def _known(self) -> Tensor:
        """Slots that hold an object which is seen or remembered, (N,) bool."""
        return (self.state.age <= self.memory) & (self.paths.times >= 0).any(1)

    def _pair_scores(self, clip: ClipPrediction, looks: Tensor) -> tuple[Tensor, Tensor]:
        """Sum of everything that speaks for slot s and query q, and whether q is within reach; both (N, N)."""
        paths, now = self.paths, self.paths.now
        size, found = self._typical_area(), now.areas > 0
        frames_found = found.sum(-1).clamp(min=1)
        away = ((paths.expected[:, None] - now.centres[None]).norm(dim=-1) * found).sum(-1) / frames_found
        radius = (size / torch.pi).sqrt().clamp(min=0.5)[:, None]
        away = away / radius / self._absence(clip.frames)[:, None]
        area = now.areas.sum(-1) / frames_found
        pair = torch.stack((size[:, None].expand_as(looks), area[None].expand_as(looks)))
        likeness = pair.amin(0) / pair.amax(0).clamp(min=1)
        earlier, later = (paths.frames[:, None] == clip.frames[None]).nonzero(as_tuple=True)
        overlap = torch.zeros_like(looks)
        overlap[paths.slots[:, None], now.queries] = shared_overlap(paths.tubes[:, earlier], now.tubes[:, later])
        parts = dict(
            affinity=looks, motion=(-away).exp(), size=likeness,
            speed=self._speed_likeness(clip.frames, now.centres, found, radius), overlap=overlap,
            classes=affinity(paths.classes, clip.probabilities[:, :-1]))
        return sum(self.weights[name] * part for name, part in parts.items()), away < self.reach

    def _absence(self, frames: Tensor) -> Tensor:
        """How much wider to look for each slot: 1, and more in proportion once nothing remembered is recent, (N,)."""
        return ((frames.min() - self.paths.times.amax(1)) / self.history).clamp(min=1)

    def _speed_likeness(self, frames: Tensor, centres: Tensor, found: Tensor, radius: Tensor) -> Tensor:
        """1 where slot s and query q move alike, to 0 where they do not or nothing is known; (N, N)."""
        paths = self.paths
        before, moved = speeds(paths.centres, paths.times.float(), paths.times >= 0)
        now, moves = speeds(centres, frames[None].expand_as(found).float(), found)
        change = (before[:, None] - now[None]).norm(dim=-1) / radius
        return (-self.SPEED_SCALE * change).exp() * (moved[:, None] & moves[None])

    def _expected(self, frames: Tensor) -> Tensor:
        """Places of the slots in these frames, (N, T, 2): remembered ones where there are, else on the line.

        The line is followed for as many frames as are remembered; nothing moves straight on for ever.
        """
        paths = self.paths
        until = (paths.times.amax(1) + self.history)[:, None]
        line = extrapolate(paths.centres, paths.times.float(), paths.times >= 0, frames[None].minimum(until))
        same = (paths.times[:, None] == frames[None, :, None])  # (N, T, S)
        remembered = (same[..., None] * paths.centres[:, None]).sum(2) / same.sum(2).clamp(min=1)[..., None]
        return torch.where(same.any(2)[..., None], remembered, line)

    def _typical_area(self) -> Tensor:
        """Median area of the remembered places, (N,)."""
        areas = torch.where(self.paths.times >= 0, self.paths.areas, torch.nan)
        return areas.nanmedian(1).values.nan_to_num(0)

    def _update(self, clip: ClipPrediction, last: Tensor, slots: Tensor) -> None:
        order = torch.argsort(slots)
        seen, known = self._seen(clip)[order], self._known()
        contested = self._contested(clip, order, seen, known) if bool(known.any()) else torch.zeros_like(seen)
        unsure = seen & known & (clip.confidence[order] < self.sure)
        super()._update(clip, last, slots)
        self._remember(clip, order, seen, contested | unsure, fresh=seen & ~known)
        gone = self.state.age > self.memory
        self.paths.times[gone & (self.state.age < NEVER)] = -1

    def _contested(self, clip: ClipPrediction, order: Tensor, seen: Tensor, known: Tensor) -> Tensor:
        """Slots whose query lies where another slot, lately seen and now without a query, is expected, (N,) bool."""
        recent = clip.frames.min() - self.paths.times.amax(1) <= 2 * self.history
        waiting = known & ~seen & recent
        inside = covered_share(self.paths.now.tubes, self.paths.expected[waiting]) > 0.5
        contested = torch.zeros_like(seen)
        contested[self.paths.now.queries] = inside.any(0)
        return contested[order]

    def _remember(self, clip: ClipPrediction, order: Tensor, seen: Tensor, doubtful: Tensor, fresh: Tensor) -> None:
        """Add the clip to the trajectories, but for doubtful places; a slot that opens forgets what it was."""
        paths, now = self.paths, self.paths.now
        centres, areas = now.centres[order], now.areas[order]
        paths.times[fresh] = -1
        sure = seen & ~doubtful
        clear = sure[:, None] & (areas > 0)
        new = clip.frames[None].expand_as(areas)
        stale = ((paths.times[:, :, None] == new[:, None]) & clear[:, None]).any(2)
        times = torch.cat((torch.where(stale, -1, paths.times), torch.where(clear, new, -1)), 1)
        times, chosen = times.sort(dim=1, descending=True, stable=True)
        chosen = chosen[:, :self.history]
        paths.times = times[:, :self.history]
        paths.areas = torch.cat((paths.areas, areas), 1).gather(1, chosen)
        paths.centres = torch.cat((paths.centres, centres), 1).gather(1, chosen[..., None].expand(-1, -1, 2))
        slots = torch.argsort(order)[now.queries]
        certain = sure[slots]
        paths.tubes, paths.slots, paths.frames = now.tubes[certain], slots[certain], clip.frames
        probabilities = clip.probabilities[order, :-1]
        mixed = torch.where(fresh[:, None], probabilities, 0.7 * paths.classes + 0.3 * probabilities)
        paths.classes = torch.where(seen[:, None], mixed, paths.classes)
