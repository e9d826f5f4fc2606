"""Masks carried over from frames in which they are known, by matching every pixel with the pixels of those frames.

A query is one vector, and one vector tells an object from its surroundings only roughly. Here every place of the clip
looks at all places of frames in which an object's mask is known (its exemplar's frame, and the frame where it was last
seen), and takes over what they are: inside or outside. The outcome is added to the mask logits of the object's query.
Not in the paper; as in video object segmentation by memory networks (Oh et al., ICCV 2019) and FEELVOS (CVPR 2019).

Shapes: B clips, T frames, N queries, n of them made for objects, c channels, D width of keys, h w matching pixels,
H W mask pixels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gvseg.models.exemplars import masks_in
from gvseg.models.structures import ClipBatch, ExemplarBatch, KnownMasks

from .memory_readout import MatchedPlaces, MatchingRules, flat_keys, grid_places, read_places, small_mask
from .online_classifier import OnlineClassifier
from .sharpening import Sharpening

NEAR, BACK = 0, 1
"""The two memories: the clip's own frame where a mask is known, with recent ones, and frames further back."""


def shown_in(clips: ClipBatch) -> tuple[list[int], ExemplarBatch]:
    """Numbers of the frames of the one clip at test, and what is shown in it."""
    assert clips.frame_ids is not None and clips.exemplars is not None
    return clips.frame_ids[0].tolist(), clips.exemplars[0]


class ExemplarMatching(nn.Module):
    """Priors of mask logits from frames in which masks are known.

    Two readouts are made: one from the clip's own frame in which an object's mask is known (clips overlap, so the next
    clip starts with the last frame of this one), where near places count more; and one from frames further back.
    With ``dim`` keys are learned, and small convolutions over features of the image at the masks' size sharpen what
    comes out. Without, keys are the feature maps themselves, each with the same weight: nothing is learned, and
    weights that were trained without matching gain by it.

    Args:
        in_channels: channels of the feature maps that keys are made of: strides 8 and 16 and the mask features.
        fine_channels: channels of the feature map at stride 4; for sharpening.
        dim: D; ``None``: that of all maps together.
        scale: of the cosine of two keys, for both readouts.
        locality: of the squared distance of two places in heights of the frame, likewise.
        gains: weights of both readouts in the prior.
        noise: while training, how wrong the masks in the memory are, at most; at test they are predictions.
        at_test: settings of :class:`MatchingRules`: which frames are kept at test, how many places count, and whether a
            classifier is fitted to them.
    """

    log_scale: Tensor
    log_locality: Tensor
    gains: Tensor

    def __init__(
        self,
        in_channels: tuple[int, int, int],
        fine_channels: int | None = None,
        dim: int | None = None,
        scale: tuple[float, float] = (30.0, 30.0),
        locality: tuple[float, float] = (60.0, 1.0),
        gains: tuple[float, float] = (0.6, 0.3),
        noise: float = 0.6,
        at_test: dict | None = None,
    ) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.GroupNorm(1, channels, affine=dim is not None) for channels in in_channels)
        self.key = nn.Conv2d(sum(in_channels), dim, 1) if dim else None
        numbers = dict(
            log_scale=torch.tensor(scale).log(), log_locality=torch.tensor(locality).log(), gains=torch.tensor(gains)
        )
        for name, value in numbers.items():
            if dim:
                self.register_parameter(name, nn.Parameter(value))
            else:  # settings, not weights: they are not part of a checkpoint
                self.register_buffer(name, value, persistent=False)
        self.sharpen = Sharpening(in_channels[-1] + fine_channels) if fine_channels else None
        self.noise, self.at_test = noise, MatchingRules(**(at_test or {}))
        rules = self.at_test.classifier
        self.classifier = None if rules is None else OnlineClassifier(**rules)

    def forward(self, features: list[Tensor], clips: ClipBatch, objects: Tensor) -> Tensor | None:
        """Priors (B, N, T, H, W) of the mask logits of queries for ``objects`` (B, N), 0 where nothing is known."""
        with torch.autocast(features[-1].device.type, enabled=False):
            features = [level.float() for level in features]
            keys = self.make_keys(features, clips.frames)
            known = (self._from_truth if self.training else self._from_video)(keys, clips, objects)
            if known is None:
                return None
            priors = self._priors(features, self._readouts(keys, known))
            if self.classifier is not None and not self.training:
                found = self.classifier.priors(flat_keys(keys)[0], known[NEAR], known[BACK])
                maps = found.unflatten(-1, (keys.shape[1], *keys.shape[-2:]))
                priors = priors + F.interpolate(maps, priors.shape[-2:], mode='bilinear', align_corners=False)[None]
            seen = (known[NEAR].known.sum(-1) + known[BACK].known.sum(-1) > 0).float()
            priors = priors * seen[:, :, None, None, None]
            return F.pad(priors, (0, 0, 0, 0, 0, 0, 0, objects.shape[1] - priors.shape[1]))

    def make_keys(self, features: list[Tensor], frames: int) -> Tensor:
        """Keys of length 1, (B, T, D, h, w)."""
        size = features[1].shape[-2:]
        levels = (features[1], features[2], features[-1])
        parts = [
            norm(F.interpolate(level, size, mode='bilinear' if level.shape[-1] < size[1] else 'area'))
            for norm, level in zip(self.norms, levels)
        ]
        if self.key is None:
            keys = torch.cat([part / part.shape[1] ** 0.5 for part in parts], 1)
        else:
            keys = self.key(torch.cat(parts, 1))
        return F.normalize(keys, dim=1).unflatten(0, (-1, frames))

    # Readout ----------------------------------------------------------------------------------------------------

    def _readouts(self, keys: Tensor, known: list[MatchedPlaces]) -> Tensor:
        """Logits of being inside, of both memories, (B, n, T, 2, h, w)."""
        frames, _, rows, columns = keys.shape[1:]
        places = grid_places(rows, columns, keys.device).repeat(frames, 1)
        maps = [self._readout(flat_keys(keys), places, memory, kind) for kind, memory in enumerate(known)]
        return torch.stack([values.unflatten(-1, (frames, rows, columns)) for values in maps], 3)

    def _readout(self, query: Tensor, places: Tensor, memory: MatchedPlaces, kind: int) -> Tensor:
        """Logits (B, n, Q) of being inside for places of the clip with keys (B, Q, D) at (Q, 2)."""
        scale, near = self.log_scale[kind].exp().clamp(max=60), self.log_locality[kind].exp().clamp(max=400)
        if self.training:
            return read_places(query, places, memory, scale, near, chunk=None)
        return read_places(query, places, memory, scale, near, self.at_test.top_k)

    def _priors(self, features: list[Tensor], maps: Tensor) -> Tensor:
        """Priors (B, n, T, H, W) from logits (B, n, T, 2, h, w)."""
        batch, count, frames = maps.shape[:3]
        maps = F.interpolate(maps.flatten(0, 2), features[-1].shape[-2:], mode='bilinear', align_corners=False)
        priors = (maps * self.gains[:, None, None]).sum(1).unflatten(0, (batch, count, frames))
        return priors if self.sharpen is None else priors + self.sharpen(maps, features, priors.shape[:3])

    # Training: what is known is the truth, less sure than it is ---------------------------------------------------

    def _from_truth(self, keys: Tensor, clips: ClipBatch, objects: Tensor) -> list[MatchedPlaces]:
        """The clip's own mask exemplars; for references the key clip's exemplars, whose masks are found by then."""
        rows, columns = keys.shape[-2:]
        masks, shown, given = self._shown_truth(clips, objects, (rows, columns))
        masks = self._spoiled(masks).flatten(2)
        flat, places = flat_keys(keys), grid_places(rows, columns, keys.device).repeat(clips.frames, 1)
        indices = torch.arange(len(clips), device=keys.device)
        key = indices // clips.clips_per_video * clips.clips_per_video
        ours, theirs = objects[:, : masks.shape[1], None], objects[key][:, None, : masks.shape[1]]
        same = ((ours == theirs) & (ours >= 0)).float()
        earlier = torch.einsum('bij,bjt->bit', same, shown[key]) * (indices != key).float()[:, None, None]
        per_place = rows * columns
        return [
            MatchedPlaces(flat, places, masks, given.repeat_interleave(per_place, -1)),
            MatchedPlaces(
                flat[key],
                places,
                torch.einsum('bij,bjm->bim', same, masks[key]),
                earlier.repeat_interleave(per_place, -1),
            ),
        ]

    @torch.no_grad()
    def _shown_truth(self, clips: ClipBatch, objects: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """Truth (B, n, T, h, w) of frames that show objects; which do, and which do so as masks, (B, n, T)."""
        shown_objects = clips.exemplars or []
        count = min(objects.shape[1], max(1, *map(len, shown_objects)))
        shown = objects.new_zeros((len(clips), count, clips.frames), dtype=torch.float32)
        given, masks = torch.zeros_like(shown), shown[..., None, None].repeat(1, 1, 1, *size)
        for clip, (target, exemplars) in enumerate(zip(clips.ground_truth, shown_objects)):
            if not len(exemplars) or not len(target.ids):
                continue
            row = (objects[clip, :count, None] == exemplars.ids).float()
            tube = (objects[clip, :count, None] == target.ids).float()
            frame = F.one_hot(exemplars.frames, clips.frames).float()
            present = tube.amax(1, keepdim=True)
            shown[clip] = (row @ frame).clamp(max=1) * present
            assert exemplars.kinds is not None  # training makes them
            as_masks = (exemplars.kinds == 0).float()
            given[clip] = (row @ (frame * as_masks[:, None])).clamp(max=1) * present
            truth = F.interpolate(target.masks.float(), size, mode='area')
            masks[clip] = torch.einsum('nk,kthw->nthw', tube, truth).clamp(max=1) * shown[clip, ..., None, None]
        return masks, shown, given

    def _spoiled(self, masks: Tensor) -> Tensor:
        """Masks (B, n, T, h, w) as wrong at their borders as predictions are."""
        flat = masks.flatten(0, 1)
        rows, columns = flat.shape[-2:]
        coarse = torch.randn(*flat.shape[:2], max(2, rows // 4), max(2, columns // 4), device=masks.device)
        noise = F.interpolate(coarse, (rows, columns), mode='bilinear', align_corners=False)
        amount = torch.rand(len(flat), 1, 1, 1, device=masks.device).square() * self.noise
        soft = F.avg_pool2d(flat, 3, 1, 1)
        return (soft + noise * amount * (soft * (1 - soft) * 4 + 0.15)).clamp(0, 1).unflatten(0, masks.shape[:2])

    # Test: what is known is what was given and what was found -----------------------------------------------------

    def _from_video(self, keys: Tensor, clips: ClipBatch, objects: Tensor) -> list[MatchedPlaces] | None:
        """What the video's state and the clip's own exemplars know; ``None``: nothing."""
        ids = [number for number in objects[0].tolist() if number >= 0]
        known = self.take_exemplars(clips.known_masks or KnownMasks(), keys, clips)
        numbers, _ = shown_in(clips)
        if not any(number in known.last or known.frames_of(number) for number in ids):
            return None
        size = (keys.shape[-2], keys.shape[-1])
        places = grid_places(*size, keys.device)
        near = known.last_in(ids, numbers, size, keys.device)
        used = near[1].amax((0, 2, 3)).nonzero()[:, 0]
        near = near[:, :, used]
        recent = [frame for number, frame in known.recent.items() if number not in numbers][-self.at_test.recent :]
        near = torch.cat((near, masks_in([frame.masks for frame in recent], ids, size, keys.device)), 2)
        near_keys = torch.cat((flat_keys(keys[:, used]), *(frame.keys[None] for frame in recent)), 1)
        back_keys, back = known.stacked(ids, size, keys.device)
        return [
            MatchedPlaces(near_keys, places.repeat(near.shape[2], 1), *near.flatten(2)[:, None]),
            MatchedPlaces(back_keys[None], places.repeat(back.shape[2], 1), *back.flatten(2)[:, None]),
        ]

    def take_exemplars(self, known: KnownMasks, keys: Tensor, clips: ClipBatch) -> KnownMasks:
        """With the masks that are given in a single clip."""
        (numbers, shown), known = shown_in(clips), known.copied()
        for number, frame, given in zip(shown.ids.tolist(), shown.frames.tolist(), shown.given or []):
            if given is not None:
                known.add(
                    number, numbers[frame], small_mask(given.float(), (keys.shape[-2], keys.shape[-1])), keys[0, frame]
                )
        return known

    @torch.no_grad()
    def remember(
        self, features: list[Tensor], clips: ClipBatch, ids: list[int], logits: Tensor, seen: list[bool]
    ) -> KnownMasks:
        """What is known after a clip, whose K objects have the mask logits (K, T, H, W)."""
        keys = self.make_keys([level.float() for level in features], clips.frames)
        known = self.take_exemplars(clips.known_masks or KnownMasks(), keys, clips)
        numbers, exemplars = shown_in(clips)
        shown = dict(zip(exemplars.ids.tolist(), exemplars.frames.tolist()))
        small = small_mask(logits.float().sigmoid(), (keys.shape[-2], keys.shape[-1]))
        present = (logits.flatten(2) > 0).any(-1).tolist()
        for row, number in enumerate(ids):
            frames = [frame for frame, there in enumerate(present[row]) if there]
            if not seen[row] or not frames:
                continue
            first = shown.get(number)
            if first in frames and numbers[first] not in known.frames_of(number):
                known.add(number, numbers[first], small[row, first], keys[0, first])
            if numbers[frames[-1]] not in known.frames_of(number):
                known.last[number] = (numbers[frames[-1]], small[row, frames[-1]])
        if self.at_test.recent:
            for frame, number in enumerate(numbers):
                there = {ids[row]: small[row, frame] for row in range(len(ids)) if seen[row] and present[row][frame]}
                known.keep_recent(number, keys[0, frame], there)
            known.forget_recent(self.at_test.recent + len(numbers))
        if self.at_test.found is not None:
            known.keep_found(numbers[-1], keys[0, -1], **self.at_test.found)
        return known
