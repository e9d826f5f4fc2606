"""Shape- and position-aware matching of queries between clips (paper Eq. 6).

Shapes: N queries = slots, D model width, T frames, u v descriptor bins.
"""

from dataclasses import dataclass

import numpy as np
import torch
from mmdet.registry import TASK_UTILS
from torch import Tensor

from gvseg.core.query_set import QuerySet
from gvseg.core.tracking.assignment import fill_unmatched, hungarian_match
from gvseg.models.structures import ClipPrediction
from gvseg.utils.errors import ConfigError

from .detections import Detections
from .similarity import MatchCues

Cues = dict[str, bool]
UNSEEN_AGE = 1 << 30
"""Age of a slot never assigned; exceeds every memory length."""


@dataclass
class TrackState:
    """State of the N slots of one video.

    Invariant: row s of every field belongs to slot s; a slot's embedding and descriptor are those of its last
    confident clip, or of its last clip where that is forgotten or there was none.

    Attributes:
        embeddings: (N, D).
        descriptors: descriptor in the last frame where the slot had pixels, (N, u, v).
        age: clips since the slot was confident, (N,) int; ``UNSEEN_AGE``: it never was.
        objects: object id of each slot, (N,) int, -1: none. Slots are never reassigned.
    """

    embeddings: np.ndarray
    descriptors: np.ndarray
    age: np.ndarray
    objects: np.ndarray


@TASK_UTILS.register_module()
class SPAAssociator:
    """Links the queries of consecutive clips by one Hungarian assignment on the affinity of Eq. 6.

    The slot is the identity. A slot is *hidden* while its object is remembered but not seen; a confident query that
    does not resemble the hidden object takes another slot, as long as one is free. Holds the state of one video;
    :meth:`reset` forgets it.

    Args:
        thing: which of ``appearance`` and ``shape_position`` thing queries are matched by (table 4d).
        stuff: likewise for stuff and class queries.
        memory: clips for which an object that is not seen keeps its slot and gets it back; 0: not at all.
        confidence: minimum class probability of a confident query.
        return_affinity: minimum affinity of a confident query to the hidden object whose slot it takes; -1: no minimum.
        link_stuff: let stuff queries take one another's slots, whatever classes they may be assigned to. Off, a query
            that stands for one class continues itself, and the cues of ``stuff`` have nothing to decide.
        similarity: config of the affinity; ``None``: ``CueSum``, the sum of Eq. 6.
        confident_only: only confident queries and slots whose object is remembered have an affinity, all other pairs 0.
            ``False`` is Eq. 6 as written: the many queries without an object are matched too, and where that gives
            a greater total, an object gets the slot of another.
    """

    def __init__(
        self,
        thing: Cues | None = None,
        stuff: Cues | None = None,
        memory: int = 10,
        confidence: float = 0.5,
        return_affinity: float = -1.0,
        link_stuff: bool = False,
        similarity: dict | None = None,
        confident_only: bool = True,
    ) -> None:
        if memory < 0:
            raise ConfigError(
                f'the associator cannot remember objects for {memory} clips: set memory to 0 (off) or more'
            )
        self.thing = thing or dict(appearance=True, shape_position=True)
        self.stuff = stuff or dict(appearance=True, shape_position=False)
        self.memory = memory
        self.confidence = confidence
        self.return_affinity = return_affinity
        self.link_stuff = link_stuff
        self.similarity = TASK_UTILS.build(similarity or dict(type='CueSum'))
        self.confident_only = confident_only
        self.state: TrackState | None = None

    def reset(self) -> None:
        """Forget the current video."""
        self.state = None

    @property
    def tracks(self) -> TrackState:
        """The state of the video, which there is from its first clip on."""
        assert self.state is not None
        return self.state

    def described(self, probabilities: Tensor, queries: QuerySet) -> Tensor:
        """Queries of a clip whose descriptors are read here or by the memory of objects, (N,) bool.

        Args:
            probabilities: (N, C + 1), the last is "no object"; if they fall later, as by NMS, fewer are read.
            queries: the queries.
        """
        objects = torch.zeros_like(queries.is_thing) if queries.objects is None else queries.objects[0] >= 0
        if not self.confident_only or getattr(self.similarity, 'reads_all', True):
            return torch.ones_like(objects)
        confident = probabilities[:, :-1].float().amax(-1) > self.confidence
        thing, stuff = self.thing['shape_position'], self.stuff['shape_position']
        return objects | confident & (queries.is_thing & bool(thing) | ~queries.is_thing & bool(stuff))

    def track(self, clip: ClipPrediction) -> Tensor:
        """Give every query of the next clip its slot.

        Returns:
            Slot of each query, (N,) long, a permutation; the first clip's queries keep their places.
        """
        return torch.from_numpy(self._link(Detections.of(clip, self.confidence))).to(clip.masks.device)

    def _link(self, clip: Detections) -> np.ndarray:
        begins = self.state is None
        if self.state is None or len(self.state.age) != len(clip):
            self.state = self._resized(clip)
        self._init_prompted_objects(clip)
        slots = np.arange(len(clip)) if begins else self._match(clip)
        self._update(clip, slots)
        return slots

    def _resized(self, clip: Detections) -> TrackState:
        """State for this number of queries: exemplars may ask for more slots than there were."""
        fresh = TrackState(
            clip.embeddings.copy(), clip.last.copy(), np.full_like(clip.objects, UNSEEN_AGE), clip.objects.copy()
        )
        if self.state is not None:
            old = min(len(self.state.age), len(fresh.age))
            for name in TrackState.__dataclass_fields__:
                getattr(fresh, name)[:old] = getattr(self.state, name)[:old]
        return fresh

    def _init_prompted_objects(self, clip: Detections) -> None:
        """New prompted objects keep their query's slot; they have no history to match."""
        new = (clip.objects >= 0) & (self.tracks.objects < 0)
        if new.any():
            self.tracks.objects[new] = clip.objects[new]
            self.tracks.embeddings[new] = clip.embeddings[new]
            self.tracks.descriptors[new] = clip.first[new]

    def _match(self, clip: Detections) -> np.ndarray:
        scores, allowed = self._match_scores(clip), self._allowed(clip)
        return fill_unmatched(hungarian_match(scores, allowed & ~self._reserved(scores, allowed, clip.is_confident)))

    def _allowed(self, clip: Detections) -> np.ndarray:
        """Which slot may go to which query, (N, N) bool: one of its role, and an object's only to an object's."""
        same_role = clip.same_role
        if self.link_stuff:
            same_role = same_role | ~(clip.is_thing[:, None] | clip.is_thing)
        return same_role & ((self.tracks.objects < 0)[:, None] == (clip.objects < 0))

    def _match_scores(self, clip: Detections) -> np.ndarray:
        """Affinity of slots and queries (Eq. 6), (N, N)."""
        slots = self.tracks.embeddings, self.tracks.descriptors, clip.is_thing
        queries = clip.embeddings, clip.first, clip.is_thing
        known = (self.tracks.age <= self.memory) | (self.tracks.objects >= 0)
        wanted = clip.is_confident | (clip.objects >= 0)
        if not self.confident_only:
            return self.similarity(self.cues(*slots), self.cues(*queries))
        if getattr(self.similarity, 'reads_all', True):
            return self.similarity(self.cues(*slots), self.cues(*queries)) * (known[:, None] & wanted)
        # Most slots and queries have no object: their affinities are 0, and not computed.
        scores = np.zeros((len(clip), len(clip)), np.float32)
        part = self.similarity(self.cues(*(rows[known] for rows in slots)), self.cues(*(r[wanted] for r in queries)))
        scores[np.ix_(known, wanted)] = part
        return scores

    def _reserved(self, scores: np.ndarray, allowed: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Pairs of a hidden object's slot and a confident query that does not resemble it, (N, N) bool.

        A slot is reserved only while those that are not hidden suffice for all seen queries that may take it:
        otherwise the assignment would have to move an object that is in view.
        """
        hidden = (self.tracks.age >= 1) & (self.tracks.age <= self.memory)
        needed = (allowed & seen).sum(1)
        open_slots = (allowed & ~hidden).sum(1)  # slots of one role are the queries of that role, by index
        return (hidden & (needed <= open_slots))[:, None] & seen & (scores < self.return_affinity)

    def cues(self, embeddings: np.ndarray, descriptors: np.ndarray, is_thing: np.ndarray) -> MatchCues:
        """What slots or queries are matched by: each kind of query by the cues that are switched on for it.

        Args:
            embeddings: (N, D).
            descriptors: (N, u, v).
            is_thing: which of them are things, (N,) bool.
        """
        used = (
            np.where(is_thing, bool(self.thing[name]), bool(self.stuff[name]))
            for name in ('appearance', 'shape_position')
        )
        return MatchCues(embeddings, descriptors, *used)

    def _update(self, clip: Detections, slots: np.ndarray) -> None:
        state, order = self.tracks, np.argsort(slots)
        seen = clip.is_confident[order]
        state.age = np.where(seen, 0, np.minimum(state.age + 1, UNSEEN_AGE))
        replace = seen | (state.age > self.memory)
        state.embeddings[replace] = clip.embeddings[order[replace]]
        state.descriptors[replace] = clip.last[order[replace]]
