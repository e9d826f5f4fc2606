"""Shape- and position-aware matching of queries between clips (paper Eq. 6).

Shapes: N queries = slots, D model width, T frames, u v descriptor bins.
"""
from dataclasses import dataclass

import torch
from mmdet.registry import TASK_UTILS
from torch import Tensor

from gvseg.core.matching import affinity, match_slots
from gvseg.core.shape_position import edge_descriptor, to_query_dim
from gvseg.models.structures import ClipPrediction

Cues = dict[str, bool]


@dataclass
class TrackState:
    """What is known of the N slots of one video.

    Invariant: row s of every field is about slot s; a slot's embedding and descriptor are those of its last
    confident clip, or of its last clip at all once ``age`` has passed the associator's memory.

    Attributes:
        embeddings: (N, D).
        descriptors: descriptor in the last frame where the slot had pixels, (N, u, v).
        age: clips since the slot was confident, (N,) long.
        objects: object id of each slot, (N,) long, -1: none. A slot is an object's for good.
    """
    embeddings: Tensor
    descriptors: Tensor
    age: Tensor
    objects: Tensor


@TASK_UTILS.register_module()
class SPAAssociator:
    """Links the queries of consecutive clips by one Hungarian assignment on the affinity of Eq. 6.

    Holds the state of one video; :meth:`reset` forgets it.

    Args:
        thing: which of ``appearance`` and ``shape_position`` thing queries are matched by (table 4d).
        stuff: likewise for stuff and class queries, those that take no cues.
        memory: clips for which a slot that is not seen keeps its last confident embedding.
        confidence: least class probability of a slot that counts as seen.
        cue_weight: factor of the descriptor beside the embedding; 1 is the paper's sum.
    """

    def __init__(self, thing: Cues | None = None, stuff: Cues | None = None, memory: int = 10,
                 confidence: float = 0.5, cue_weight: float = 1.0) -> None:
        self.thing = thing or dict(appearance=True, shape_position=True)
        self.stuff = stuff or dict(appearance=True, shape_position=False)
        self.memory = memory
        self.confidence = confidence
        self.cue_weight = cue_weight
        self.state: TrackState | None = None
        self.last_affinity: Tensor | None = None

    def reset(self) -> None:
        """Forget the current video."""
        self.state = None
        self.last_affinity = None

    @torch.no_grad()
    def step(self, clip: ClipPrediction) -> Tensor:
        """Give every query of the next clip its slot.

        Returns:
            Slot of each query, (N,) long, a permutation; the first clip's queries keep their places.
        """
        first = edge_descriptor(clip.descriptors, clip.present, last=False)
        last = edge_descriptor(clip.descriptors, clip.present, last=True)
        count = len(clip.embeddings)
        objects = clip.queries.objects[0] if clip.queries.objects is not None else None
        objects = torch.full((count, ), -1, device=last.device) if objects is None else objects
        begins = self.state is None
        if begins or len(self.state.age) != count:
            self.state = self._grown(clip, last, objects)
        self._admit(clip, first, objects)
        slots = torch.arange(count, device=last.device) if begins else self._match(clip, first, objects)
        self._update(clip, last, slots)
        return slots

    def _grown(self, clip: ClipPrediction, last: Tensor, objects: Tensor) -> TrackState:
        """State for this number of queries: exemplars may ask for more slots than there were."""
        fresh = TrackState(clip.embeddings.clone(), last.clone(), torch.zeros_like(objects), objects.clone())
        if self.state is not None:
            old = min(len(self.state.age), len(fresh.age))
            for name in TrackState.__dataclass_fields__:
                getattr(fresh, name)[:old] = getattr(self.state, name)[:old]
        return fresh

    def _admit(self, clip: ClipPrediction, first: Tensor, objects: Tensor) -> None:
        """Objects shown for the first time take the slots of their queries: there is nothing to match them with."""
        new = (objects >= 0) & (self.state.objects < 0)
        self.state.objects = torch.where(new, objects, self.state.objects)
        self.state.embeddings = torch.where(new[:, None], clip.embeddings, self.state.embeddings)
        self.state.descriptors = torch.where(new[:, None, None], first, self.state.descriptors)

    def _match(self, clip: ClipPrediction, first: Tensor, objects: Tensor) -> Tensor:
        state, cues = self.state, clip.queries.takes_cues
        allowed = clip.queries.same_role() & ((state.objects < 0)[:, None] == (objects < 0)[None])
        scores = affinity(self._embed(state.embeddings, state.descriptors, cues),
                          self._embed(clip.embeddings, first, cues))
        self.last_affinity = scores
        queries = match_slots(scores, allowed)
        return _complete(queries)

    def _embed(self, embeddings: Tensor, descriptors: Tensor, takes_cues: Tensor) -> Tensor:
        """q-hat + H with the cues that each kind of query is matched by, (N, D)."""
        kinds = takes_cues[:, None]
        appearance = torch.where(kinds, float(self.thing['appearance']), float(self.stuff['appearance']))
        shape = torch.where(kinds, float(self.thing['shape_position']), float(self.stuff['shape_position']))
        cue = to_query_dim(descriptors, embeddings.shape[-1])
        return appearance * embeddings.float() + self.cue_weight * shape * cue

    def _update(self, clip: ClipPrediction, last: Tensor, slots: Tensor) -> None:
        state, order = self.state, torch.argsort(slots)
        seen = (clip.confidence() > self.confidence) & clip.present.any(-1)
        seen = seen[order]
        state.age = torch.where(seen, torch.zeros_like(state.age), state.age + 1)
        replace = seen | (state.age > self.memory)
        state.embeddings = torch.where(replace[:, None], clip.embeddings[order].float(), state.embeddings.float())
        state.descriptors = torch.where(replace[:, None, None], last[order], state.descriptors)


def _complete(queries: Tensor) -> Tensor:
    """From "query of each slot, -1: none" to "slot of each query": what is left over keeps its place if it can."""
    count = len(queries)
    slots = torch.full_like(queries, -1)
    matched = queries >= 0
    slots[queries[matched]] = torch.arange(count, device=queries.device)[matched]
    free = [slot for slot in range(count) if not bool(matched[slot])]
    for query in [query for query in range(count) if int(slots[query]) < 0]:
        slot = query if query in free else free[0]
        free.remove(slot)
        slots[query] = slot
    return slots
