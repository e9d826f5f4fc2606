"""What is shown of the objects of a video, and in which of its frames their masks are known.

Shapes: K objects, n some of them, T frames of a clip, P points, S known frames, D width of keys, c feature channels,
u v descriptor bins, h w matching pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

BACKGROUND = 1 << 20
"""Ids from here on are background exemplars: what lies beside an object and is not it."""
MOST_BACKGROUNDS = 1 << 10
"""Background exemplars of one object in one frame, at most."""


def background_id(owner: int, frame: int, index: int) -> int:
    """Id of an object's background exemplar, different for each place in the video where one is shown."""
    return owner + BACKGROUND * (1 + frame * MOST_BACKGROUNDS + index)


def subtract_backgrounds(logits: Tensor, objects: Tensor, acts: Tensor, similarity: Tensor) -> Tensor:
    """Mask logits of objects, lowered where a background exemplar of theirs claims the pixel.

    An object loses a pixel where its logit is below that of one of its own background exemplars, and the pixel looks
    more like that exemplar than like the object: a query made from a point on the background may well find the object
    itself. Background exemplars take nothing from other objects.

    Args:
        logits: (n, T, h, w).
        objects: ids, those of background exemplars included, (n,) long.
        acts: frames in which each background exemplar takes something, (n, T) bool.
        similarity: of every pixel with what is remembered of each object, (n, T, h, w).
    """
    found = logits.clone()
    for row in ((objects >= BACKGROUND) & acts.any(1)).nonzero()[:, 0].tolist():
        own = (objects == objects[row] % BACKGROUND).nonzero()[:, 0]
        claimed = logits[row].clamp(min=0) * acts[row, :, None, None] * (similarity[row] > similarity[own])
        found[own] = torch.minimum(found[own], logits[own] - claimed)
    return found


@dataclass
class ExemplarBatch:
    """The exemplars of one clip: K objects shown to the network, each in one frame.

    Made of the data samples' ``exemplars`` by ``heads.clip_batch``; an object that is shown twice has two entries.
    ``ObjectMemory`` is what the network keeps of them.

    Attributes:
        ids: object ids, (K,) long.
        frames: frame of the clip where each object is shown, (K,) long.
        points: sample points (x, y) inside the shown region, as fractions of the padded input, (K, P, 2).
        descriptors: shape-position descriptor of the region, zeros for a point, (K, u, v).
        each_once: no object is shown twice, as far as is known; an accelerator would have to be waited for to see.
        kinds: 0 for a mask, 1 for a box, 2 for a point, (K,) long; ``None``: not known.
        given: masks as they were given, each at the padded input's size, or ``None``; only at test.
    """

    ids: Tensor
    frames: Tensor
    points: Tensor
    descriptors: Tensor
    each_once: bool = False
    kinds: Tensor | None = None
    given: list[Tensor | None] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def select(self, rows: Tensor) -> 'ExemplarBatch':
        """Some of the entries: indices or (K,) bool."""
        rows = rows.nonzero()[:, 0] if rows.dtype == torch.bool else rows
        tensors = {name: getattr(self, name)[rows] for name in ('ids', 'frames', 'points', 'descriptors')}
        given = None if self.given is None else [self.given[row] for row in rows.tolist()]
        return replace(self, kinds=None if self.kinds is None else self.kinds[rows], given=given, **tensors)

    def joined(self, other: 'ExemplarBatch') -> 'ExemplarBatch':
        """With the entries of another behind, in the order of their frames."""
        kinds = None if self.kinds is None or other.kinds is None else torch.cat((self.kinds, other.kinds))
        names = ('ids', 'frames', 'points', 'descriptors')
        tensors: dict[str, Any] = {name: torch.cat((getattr(self, name), getattr(other, name))) for name in names}
        given = [*(self.given or [None] * len(self)), *(other.given or [None] * len(other))]
        both = replace(self, kinds=kinds, given=given, **tensors)
        return both.select(torch.argsort(both.frames, stable=True))

    def shown_in(self, ids: Tensor, frames: int) -> Tensor:
        """Frames of the clip in which these of a video's n exemplars are shown, (n, T) bool."""
        found = ids.new_zeros(len(ids), frames, dtype=torch.bool)
        rows, entries = (ids[:, None] == self.ids.to(ids.device)).nonzero(as_tuple=True)
        found[rows, self.frames.to(ids.device)[entries]] = True
        return found


@dataclass(frozen=True)
class KnownFrame:
    """A frame with the masks found in it, of one object at least.

    Attributes:
        keys: (h * w, D).
        masks: by object id, (h, w) in [0, 1].
    """

    keys: Tensor
    masks: dict[int, Tensor]

    def without(self, number: int) -> 'KnownFrame':
        """The same without an object, which may leave none."""
        return KnownFrame(self.keys, {other: mask for other, mask in self.masks.items() if other != number})


def masks_in(
    frames: Sequence[dict[int, Tensor]], ids: list[int], size: tuple[int, int], device: torch.device
) -> Tensor:
    """Masks of n objects in S frames and whether they are known, (2, n, S, h, w)."""
    found = torch.zeros(2, len(ids), len(frames), *size, device=device)
    for place, masks in enumerate(frames):
        for row, number in enumerate(ids):
            if number in masks:
                found[0, row, place] = masks[number]
                found[1, row, place] = 1
    return found


@dataclass
class KnownMasks:
    """Masks of objects in frames of one video: what ``ExemplarMatching`` keeps between clips.

    Attributes:
        last: by object id, the frame in which the object was last seen and its mask there, (h, w) in [0, 1].
        keys: by frame further back, its keys (h * w, D).
        masks: by frame further back, masks (h, w) of the objects that were shown or found in it, by object id.
        found: of these frames those in which masks were found, not shown, the oldest first.
        recent: by number, the latest frames with the masks found in them, the oldest first.
    """

    last: dict[int, tuple[int, Tensor]] = field(default_factory=dict)
    keys: dict[int, Tensor] = field(default_factory=dict)
    masks: dict[int, dict[int, Tensor]] = field(default_factory=dict)
    found: tuple[int, ...] = ()
    recent: dict[int, KnownFrame] = field(default_factory=dict)

    def copied(self) -> 'KnownMasks':
        """The same with tables of its own."""
        masks = {frame: dict(masks) for frame, masks in self.masks.items()}
        return KnownMasks(dict(self.last), dict(self.keys), masks, self.found, dict(self.recent))

    def add(self, number: int, frame: int, mask: Tensor, keys: Tensor) -> None:
        """Keep an object's mask (h, w) in a frame with keys (D, h, w); it is the last that is known of it, too.

        What was found of it in recent frames is forgotten: an object is shown again where that is wrong.
        """
        self.last[number] = (frame, mask)
        left = {other: known.without(number) for other, known in self.recent.items()}
        self.recent = {other: known for other, known in left.items() if known.masks}
        if frame in self.found:  # what is shown in it counts more than what was found
            self.forget(frame)
        self.keys.setdefault(frame, keys.flatten(1).T)
        self.masks.setdefault(frame, {})[number] = mask

    def keep_found(self, frame: int, keys: Tensor, every: int, capacity: int) -> None:
        """Keep a frame with the masks found in it if the latest that is kept is ``every`` frames or more before it."""
        masks = {number: mask for number, (last, mask) in self.last.items() if last == frame}
        if masks and frame - max(self.masks, default=frame) >= every:
            self.add_found(frame, masks, keys, capacity)

    def add_found(self, frame: int, masks: dict[int, Tensor], keys: Tensor, capacity: int) -> None:
        """Keep the masks (h, w) that were found in a frame with keys (D, h, w); the oldest beyond capacity leave."""
        self.keys[frame], self.masks[frame] = keys.flatten(1).T, masks
        self.found = (*self.found, frame)
        for oldest in self.found[:-capacity]:
            self.forget(oldest)

    def forget(self, frame: int) -> None:
        """Forget a frame in which masks were found."""
        del self.keys[frame], self.masks[frame]
        self.found = tuple(other for other in self.found if other != frame)

    def keep_recent(self, frame: int, keys: Tensor, masks: dict[int, Tensor]) -> None:
        """Keep the masks (h, w) that were found in a frame with keys (D, h, w), beside what it had (clips overlap)."""
        old = self.recent.get(frame)
        known = KnownFrame(keys.flatten(1).T, {**masks, **(old.masks if old else {})})
        if known.masks:
            self.recent[frame] = known

    def forget_recent(self, capacity: int) -> None:
        """Forget all recent frames but the latest."""
        self.recent = {frame: self.recent[frame] for frame in sorted(self.recent)[-capacity:]}

    def frames_of(self, number: int) -> list[int]:
        """Frames further back in which an object was shown."""
        return [frame for frame, masks in self.masks.items() if number in masks and frame not in self.found]

    def resampled(self, grid: Tensor) -> 'KnownMasks':
        """The same for another view; ``grid`` (h', w', 2) is where its pixels are, as in ``grid_sample``."""

        def sample(maps: Tensor) -> Tensor:
            return grid_sample(maps[None], grid[None], mode='bilinear', align_corners=False)[0]

        def resample(frame: KnownFrame) -> KnownFrame:
            size = next(iter(frame.masks.values())).shape
            masks = {number: sample(mask[None])[0] for number, mask in frame.masks.items()}
            return KnownFrame(sample(frame.keys.T.unflatten(1, size)).flatten(1).T, masks)

        back = {number: resample(KnownFrame(self.keys[number], masks)) for number, masks in self.masks.items()}
        return KnownMasks(
            {number: (frame, sample(mask[None])[0]) for number, (frame, mask) in self.last.items()},
            {number: frame.keys for number, frame in back.items()},
            {number: frame.masks for number, frame in back.items()},
            self.found,
            {number: resample(frame) for number, frame in self.recent.items()},
        )

    def last_in(self, ids: list[int], frames: list[int], size: tuple[int, int], device: torch.device) -> Tensor:
        """Masks and whether they are known, (2, n, T, h, w), of a clip's frames in which objects were last seen."""
        found = torch.zeros(2, len(ids), len(frames), *size, device=device)
        for row, number in enumerate(ids):
            frame, mask = self.last.get(number, (None, None))
            if mask is not None and frame in frames:
                found[0, row, frames.index(frame)] = mask
                found[1, row, frames.index(frame)] = 1
        return found

    def stacked(self, ids: list[int], size: tuple[int, int], device: torch.device) -> tuple[Tensor, Tensor]:
        """Keys (S * h * w, D) of the frames further back; their masks and whether they are known, (2, n, S, h, w)."""
        found = masks_in([self.masks[frame] for frame in self.keys], ids, size, device)
        return torch.cat([*self.keys.values()]) if self.keys else torch.zeros(0, 1, device=device), found


@dataclass
class ObjectMemory:
    """What is kept of K objects between the clips of a video.

    Invariant: all fields have one entry per object, in the order in which the objects were first shown.

    Attributes:
        ids: (K,) long.
        exemplar_appearance: mean feature of the object's exemplars, (K, c).
        appearance: feature at the last frame in which the object was seen, (K, c).
        places: centre (x, y) of the object then, as fractions of the padded input, (K, 2).
        descriptors: shape-position descriptor then, (K, u, v).
        first_frames: frame of the video in which the object was first shown, (K,) long; it is in no earlier one.
        last_frames: frame of its latest exemplar, (K,) long.
        counts: number of its exemplars, (K,) long.
        past: features at earlier clips' last frames, the latest first, zeros where there are none yet, (K, S, c);
            S is 0 by default.
    """

    ids: Tensor
    exemplar_appearance: Tensor
    appearance: Tensor
    places: Tensor
    descriptors: Tensor
    first_frames: Tensor
    last_frames: Tensor
    counts: Tensor
    past: Tensor = field(default_factory=lambda: torch.zeros(0))

    def __post_init__(self) -> None:
        if self.past.dim() != 3:
            self.past = self.appearance.new_zeros(len(self.ids), 0, self.appearance.shape[-1])

    def select(self, chosen: Tensor | list[int]) -> 'ObjectMemory':
        """Some of the objects: indices, or (K,) bool."""
        return ObjectMemory(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def not_yet_shown(self, frames: Tensor) -> Tensor:
        """Which of the frames (T,), indices in the video, lie before an object's first exemplar, (K, T) bool."""
        return frames < self.first_frames[:, None]

    def joined(self, other: 'ObjectMemory') -> 'ObjectMemory':
        """This memory with the objects of another, later one, new ones behind.

        A new exemplar of a known object is added to the mean of its exemplars, and is the last that was seen of the
        object. One that is known already, because its frame is in two overlapping clips, is not counted again.
        """
        both = ObjectMemory(
            *(torch.cat((getattr(self, name), getattr(other, name))) for name in self.__dataclass_fields__)
        )
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for index, object_id in enumerate(both.ids.tolist()):
            first.setdefault(object_id, index)
            last[object_id] = index  # at the place of the first sight
        old, new = (both.select(list(places.values())) for places in (first, last))
        added = (new.last_frames > old.last_frames) * new.counts
        total = old.counts + added
        means = old.exemplar_appearance * old.counts[:, None] + new.exemplar_appearance * added[:, None]
        return replace(
            new,
            exemplar_appearance=(means / total[:, None]).to(means.dtype),
            counts=total,
            first_frames=old.first_frames,
            last_frames=torch.maximum(old.last_frames, new.last_frames),
            past=old.past,
        )
