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
from gvseg.utils.errors import ConfigError

Cues = dict[str, bool]
NEVER = 1 << 30
"""Age of a slot that has not been anybody's yet, more than any memory."""


@dataclass
class TrackState:
    """What is known of the N slots of one video.

    Invariant: row s of every field is about slot s; a slot's embedding and descriptor are those of its last
    confident clip, or of its last clip at all where that is forgotten or there was none.

    Attributes:
        embeddings: (N, D).
        descriptors: descriptor in the last frame where the slot had pixels, (N, u, v).
        age: clips since the slot was confident, (N,) long; ``NEVER``: it never was.
        objects: object id of each slot, (N,) long, -1: none. A slot is an object's for good.
    """
    embeddings: Tensor
    descriptors: Tensor
    age: Tensor
    objects: Tensor


@TASK_UTILS.register_module()
class SPAAssociator:
    """Links the queries of consecutive clips by one Hungarian assignment on the affinity of Eq. 6.

    The slot is the identity. A slot is *hidden* while its object is remembered but not seen; a confident query that
    does not resemble the hidden object opens another slot, as long as there is one. Holds the state of one video;
    :meth:`reset` forgets it.

    Args:
        thing: which of ``appearance`` and ``shape_position`` thing queries are matched by (table 4d).
        stuff: likewise for stuff and class queries, those that take no cues.
        memory: clips for which an object that is not seen keeps its slot and gets it back; 0: not at all.
        confidence: least class probability of a slot that counts as seen.
        return_affinity: least affinity of a confident query to the hidden object whose slot it takes; -1: none.
        cue_weight: factor of the descriptor beside the embedding; 1 is the paper's sum.
    """

    def __init__(self, thing: Cues | None = None, stuff: Cues | None = None, memory: int = 10, confidence: float = 0.5,
                 return_affinity: float = -1.0, cue_weight: float = 1.0) -> None:
        if memory < 0:
            raise ConfigError(f'the associator cannot remember objects for {memory} clips: set memory to 0 (off) or '
                              'more')
        self.thing = thing or dict(appearance=True, shape_position=True)
        self.stuff = stuff or dict(appearance=True, shape_position=False)
        self.memory = memory
        self.confidence = confidence
        self.return_affinity = return_affinity
        self.cue_weight = cue_weight
        self.state: TrackState | None = None

    def reset(self) -> None:
        """Forget the current video."""
        self.state = None

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
        fresh = TrackState(clip.embeddings.clone(), last.clone(), torch.full_like(objects, NEVER), objects.clone())
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
        allowed = clip.queries.same_role() & ((self.state.objects < 0)[:, None] == (objects < 0)[None])
        scores = affinity(self._embed(self.state.embeddings, self.state.descriptors, clip.queries.takes_cues),
                          self._embed(clip.embeddings, first, clip.queries.takes_cues))
        return complete(match_slots(scores, allowed & ~self._reserved(scores, allowed, self._seen(clip))))

    def _reserved(self, scores: Tensor, allowed: Tensor, seen: Tensor) -> Tensor:
        """Pairs of a hidden object's slot and a seen query that is not like it, (N, N) bool.

        A slot is reserved only while those that are not hidden suffice for all seen queries that may take it:
        otherwise the assignment would have to move an object that is in view.
        """
        hidden = (self.state.age >= 1) & (self.state.age <= self.memory)
        needed = (allowed & seen[None]).sum(1)
        open_slots = (allowed & ~hidden[None]).sum(1)  # slots of one role are the queries of that role, by index
        return (hidden & (needed <= open_slots))[:, None] & seen[None] & (scores < self.return_affinity)

    def _embed(self, embeddings: Tensor, descriptors: Tensor, takes_cues: Tensor) -> Tensor:
        """q-hat + H with the cues that each kind of query is matched by, (N, D)."""
        return sum(self.cues(embeddings, descriptors, takes_cues))

    def cues(self, embeddings: Tensor, descriptors: Tensor, takes_cues: Tensor) -> tuple[Tensor, Tensor]:
        """What queries are matched by: appearance and shape-position, both (N, D), zeros where a cue is not used.

        Args:
            embeddings: (N, D).
            descriptors: (N, u, v).
            takes_cues: which queries are things, (N,) bool.
        """
        kinds = takes_cues[:, None]
        appearance = torch.where(kinds, float(self.thing['appearance']), float(self.stuff['appearance']))
        shape = torch.where(kinds, float(self.thing['shape_position']), float(self.stuff['shape_position']))
        cue = to_query_dim(descriptors, embeddings.shape[-1])
        return appearance * embeddings.float(), self.cue_weight * shape * cue

    def _seen(self, clip: ClipPrediction) -> Tensor:
        """Queries that are surely something, (N,) bool."""
        return (clip.confidence > self.confidence) & clip.present.any(-1)

    def _update(self, clip: ClipPrediction, last: Tensor, slots: Tensor) -> None:
        state, order = self.state, torch.argsort(slots)
        seen = self._seen(clip)[order]
        state.age = torch.where(seen, torch.zeros_like(state.age), (state.age + 1).clamp(max=NEVER))
        replace = seen | (state.age > self.memory)
        state.embeddings = torch.where(replace[:, None], clip.embeddings[order].float(), state.embeddings.float())
        state.descriptors = torch.where(replace[:, None, None], last[order], state.descriptors)


def complete(queries: Tensor) -> Tensor:
    """From "query of each slot, -1: none" to "slot of each query": what is left over keeps its place if it can."""
    count = len(queries)
    slots = torch.full_like(queries, -1)
    matched = queries >= 0
    slots[queries[matched]] = torch.arange(count, device=queries.device)[matched]
    lone, free = (slots < 0).nonzero().flatten().tolist(), (~matched).nonzero().flatten().tolist()
    stay = set(lone) & set(free)
    rest = iter([slot for slot in free if slot not in stay])
    for query in lone:
        slots[query] = query if query in stay else next(rest)
    return slots
