"""Masks of objects that are shown or corrected by points or boxes, made before their clip is segmented.

Not in the paper. A mask that is given is matched pixel by pixel; a point is a query only. So the object is first found
in the frame where it is shown, at the size of object that the weights know best, and shown again as that mask.

Shapes: K objects of a frame, n exemplars of a clip, T frames, P points, H W padded network input, h w the size at
which masks are made, c channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from mmdet.registry import TASK_UTILS
from mmdet.structures import DetDataSample
from scipy import ndimage
from torch import Tensor

from gvseg.core.query_init import points_in_mask
from gvseg.models.exemplars import BACKGROUND, ExemplarBatch
from gvseg.models.structures import ClipBatch

from ..gvseg import GvSeg
from .mask_cut import MaskCut, MaskPrompt
from .test_time_augmentation import View

MASK = 0
"""Kind of exemplars that are masks."""


@dataclass(frozen=True)
class FoundObjects:
    """What the network finds of K objects in a frame.

    Attributes:
        logits: by object id, mask logits (h, w).
        seen: ids of the objects that are found at all.
    """

    logits: dict[int, np.ndarray]
    seen: frozenset[int]

    def claimed(self, number: int, clicks: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Pixels (h, w) bool of other objects, but for those on which points (row, column) of this one lie."""
        outside, own = np.zeros(size, bool), self.logits.get(number, np.full(size, -np.inf))
        for other in self.seen - {number}:
            claimed = (self.logits[other] > 0) & (self.logits[other] > own)
            if other < BACKGROUND and not claimed[tuple(clicks.T)].any():
                outside |= claimed
        return outside


@TASK_UTILS.register_module()
class PromptMasks:
    """Turns points and boxes of objects into masks: ``GvSeg(prompt_masks=dict(type='PromptMasks'))``.

    A new object: its frame is segmented alone, at several sizes, and it is cut out of the mean of the mask logits
    (:meth:`MaskCut.new`). An object that is not found, or of which no pixel is surely inside,
    stays a point or box. A correction of a known object by points: what a positive point shows, found in the same way,
    is added to what is followed of the object; negative points take away from it. A box shows the object anew.

    The masks are the objects' results in their frames.

    Args:
        sides: short sides of the frame at which it is segmented; masks are made at the last one.
        reach: of a point along colours, as a share of the last side.
        kwargs: others of :class:`MaskCut`.
    """

    def __init__(self, sides: Sequence[int] = (192, 240), reach: float = 1 / 3, **kwargs) -> None:
        self.sides = tuple(sides)
        self.cut = MaskCut(reach=reach * self.sides[-1], **kwargs)

    @torch.no_grad()
    def __call__(
        self, segmenter: GvSeg, inputs: Tensor, clips: ClipBatch, frames: Sequence[DetDataSample]
    ) -> ExemplarBatch:
        """The exemplars of a clip (T, 3, H, W), those of points and boxes as masks.

        Args:
            segmenter: the model.
            inputs: normalised frames.
            clips: the single clip.
            frames: its frames, whose ``exemplars`` have ``regions``; they get ``made_masks``.
        """
        assert clips.exemplars is not None and clips.memories is not None
        shown, memory = clips.exemplars[0], clips.memories[0]
        known = [] if memory is None else memory.ids.tolist()
        for frame, ids in prompted_objects(shown, known).items():
            made = self._masks(segmenter, inputs[frame], clips, frame, ids, frames[frame])
            whole = {number: at_input_size(mask, clips).to(inputs.device) for number, mask in made.items()}
            whole = {number: mask for number, mask in whole.items() if mask.any()}
            at_size = {number: at_frame_size(made[number], clips, frames[frame]) for number in whole}
            frames[frame].set_field(at_size, 'made_masks', dtype=dict)
            shown = as_masks(shown, frame, whole, segmenter, clips)
        return shown

    def _masks(
        self, segmenter: GvSeg, image: Tensor, clips: ClipBatch, frame: int, ids: list[int], sample: DetDataSample
    ) -> dict[int, np.ndarray]:
        """Masks (h, w) bool of some objects that are shown in a frame (3, H, W), by object id; empty: not found."""
        assert clips.exemplars is not None and clips.memories is not None
        alone = self._alone(segmenter, image, clips, frame, ids)
        followed = self._followed(segmenter, image, clips, frame, ids)
        size = self._size(clips)
        picture = as_picture(image, segmenter.data_preprocessor.mean, segmenter.data_preprocessor.std, size)
        masks = {}
        for number in ids:
            prompt = make_prompt(clips.exemplars[0], number, frame, sample, size, clips.input_shape)
            for found in (alone, followed):
                prompt.outside[found.claimed(number, prompt.inside, size)] = True
            sure = number in alone.seen and float(alone.logits[number].max()) > self.cut.sure[1]
            known = number in followed.logits
            mask = self.cut.new(picture, alone.logits[number], prompt, known) if sure else np.zeros(size, bool)
            if known and prompt.region is None and (sure or len(prompt.negative)):
                before = followed.logits[number] if number in followed.seen else np.full(size, -np.inf, np.float32)
                mask = self.cut.corrected(picture, before, mask, prompt)
            masks[number] = mask
        return masks

    def _size(self, clips: ClipBatch) -> tuple[int, int]:
        """Size (h, w) that stands for the padded input."""
        height, width = (round(side * self.sides[-1] / float(clips.real_shapes.min())) for side in clips.input_shape)
        return height, width

    def _alone(self, segmenter: GvSeg, image: Tensor, clips: ClipBatch, frame: int, ids: list[int]) -> FoundObjects:
        """The objects that a frame shows, found by that alone if ``ids`` are shown; mean mask logits over the sizes."""
        assert clips.exemplars is not None
        shown = only_frame(clips.exemplars[0], frame)
        if not set(ids) & set(shown.ids.tolist()):
            return FoundObjects({}, frozenset())
        single = of_frame(clips, frame)
        single = replace(single, exemplars=[shown], memories=[None], known_masks=None, described=None)
        logits, scores, ids = [], [], []
        for side in self.sides:
            view = View(scale=side / float(clips.real_shapes.min()))
            inputs, seen = view.frames(image[None], single, segmenter.data_preprocessor.pad_size_divisor)
            clip = GvSeg.predict_clip(segmenter, inputs, seen)  # not a subclass's, which may take note of the clip
            assert clip.memory is not None
            ids = clip.memory.ids.tolist()
            like = image.new_zeros(len(ids), 1, *self._size(clips))
            logits.append(view.masks_of_base(clip.masks[: len(ids)], like, single, seen)[:, 0])
            scores.append(clip.confidence[: len(ids)])
        return found_objects(ids, torch.stack(logits).mean(0), torch.stack(scores).mean(0), segmenter)

    def _followed(self, segmenter: GvSeg, image: Tensor, clips: ClipBatch, frame: int, ids: list[int]) -> FoundObjects:
        """The known objects in a frame, as they would be without what it shows of the objects ``ids``."""
        assert clips.exemplars is not None and clips.memories is not None
        if clips.memories[0] is None:
            return FoundObjects({}, frozenset())
        others = only_frame(clips.exemplars[0], frame)
        keep = ~torch.isin(others.ids % BACKGROUND, others.ids.new_tensor(ids))
        single = replace(of_frame(clips, frame), exemplars=[others.select(keep)])
        clip = GvSeg.predict_clip(segmenter, image[None], single)
        assert clip.memory is not None
        numbers = clip.memory.ids.tolist()
        logits = F.interpolate(clip.masks[: len(numbers)].float(), self._size(clips), mode='bilinear')[:, 0]
        return found_objects(numbers, logits, clip.confidence[: len(numbers)], segmenter)


def found_objects(ids: list[int], logits: Tensor, scores: Tensor, segmenter: GvSeg) -> FoundObjects:
    """Of mask logits (K, h, w) and class probabilities (K,)."""
    confident = (scores > segmenter.associator.confidence).tolist()
    maps = dict(zip(ids, logits.float().cpu().numpy()))
    return FoundObjects(maps, frozenset(number for number, seen in zip(ids, confident) if seen))


def prompted_objects(shown: ExemplarBatch, known: Sequence[int]) -> dict[int, list[int]]:
    """By frame, the objects of which masks are made.

    New objects in the frame where they are first shown, and known ones, also those of which a frame has negative points
    alone; without those that are shown by masks. What a later frame of the same clip shows of a new object stays.
    """
    found: dict[int, list[int]] = {}
    seen: dict[int, int] = {}
    by_mask = {(int(shown.ids[row]), int(shown.frames[row])) for row in range(len(shown)) if is_mask(shown, row)}
    for row in sorted(range(len(shown)), key=lambda row: int(shown.frames[row])):
        number, frame = int(shown.ids[row]) % BACKGROUND, int(shown.frames[row])
        first = seen.setdefault(number, frame) == frame
        if (first or number in known) and (number, frame) not in by_mask and number not in found.get(frame, []):
            found.setdefault(frame, []).append(number)
    return found


def is_mask(shown: ExemplarBatch, row: int) -> bool:
    """Whether a row of the exemplars was shown by a mask."""
    if shown.kinds is not None and int(shown.kinds[row]) == MASK:
        return True
    return shown.given is not None and shown.given[row] is not None


def of_frame(clips: ClipBatch, frame: int) -> ClipBatch:
    """A single clip of one of its frames."""
    assert clips.frame_ids is not None
    return replace(clips, frames=1, frame_ids=clips.frame_ids[:, frame : frame + 1])


def only_frame(shown: ExemplarBatch, frame: int) -> ExemplarBatch:
    """The exemplars of one frame, as those of a clip of that frame alone."""
    rows = shown.select(shown.frames == frame)
    return replace(rows, frames=torch.zeros_like(rows.frames))


def make_prompt(
    shown: ExemplarBatch, number: int, frame: int, sample: DetDataSample, size: tuple[int, int], padded: tuple[int, int]
) -> MaskPrompt:
    """What a frame shows of one object, at the size (h, w) of masks, which stands for the padded input (H, W)."""
    cells = (shown.points.cpu() * torch.tensor([size[1], size[0]])).long().flip(-1)
    places = torch.minimum(cells.clamp(min=0), torch.tensor(size) - 1).numpy()
    here = shown.frames == frame
    inside = places[(here & (shown.ids == number)).cpu().numpy()].reshape(-1, 2)
    beside = here & (shown.ids >= BACKGROUND) & (shown.ids % BACKGROUND == number)
    negative = places[beside.cpu().numpy()].reshape(-1, 2)
    outside = np.zeros(size, bool)
    outside[tuple(negative.T)] = True
    outside = ndimage.binary_dilation(outside, np.ones((5, 5), bool))  # a pixel alone would say little
    listed = sample.exemplars.instances_ids.tolist()
    region = sample.exemplars.regions[listed.index(number)] if number in listed else None
    if region is None or not region.any():  # points have none
        return MaskPrompt(inside, negative, None, outside)
    whole = F.pad(region.float(), (0, padded[1] - region.shape[1], 0, padded[0] - region.shape[0]))
    box = F.interpolate(whole[None, None], size, mode='area')[0, 0].numpy() > 0
    return MaskPrompt(np.zeros((0, 2), np.int64), negative, box, outside)


def as_picture(image: Tensor, mean: Tensor, std: Tensor, size: tuple[int, int]) -> np.ndarray:
    """A normalised frame (3, H, W) as a picture (h, w, 3) uint8."""
    small = F.interpolate(image[None].float(), size, mode='area')[0] * std.view(3, 1, 1) + mean.view(3, 1, 1)
    return np.ascontiguousarray(small.round().clamp(0, 255).permute(1, 2, 0).cpu().numpy().astype(np.uint8))


def at_input_size(mask: np.ndarray, clips: ClipBatch) -> Tensor:
    """A mask (h, w) at the size (H, W) of the padded input."""
    return F.interpolate(torch.from_numpy(mask)[None, None].float(), clips.input_shape, mode='bilinear')[0, 0] > 0.5


def at_frame_size(mask: np.ndarray, clips: ClipBatch, sample: DetDataSample) -> Tensor:
    """A mask (h, w) at the size of the frame in its file."""
    height, width = sample.img_shape[:2]
    inside = F.interpolate(torch.from_numpy(mask)[None, None].float(), clips.input_shape, mode='bilinear')
    return F.interpolate(inside[..., :height, :width], sample.ori_shape[:2], mode='bilinear')[0, 0] > 0.5


def as_masks(
    shown: ExemplarBatch, frame: int, masks: dict[int, Tensor], segmenter: GvSeg, clips: ClipBatch
) -> ExemplarBatch:
    """The exemplars with these masks (H, W), by object id, in place of what a frame shows of the objects."""
    if not masks:
        return shown
    replaced = (shown.frames == frame) & torch.isin(shown.ids % BACKGROUND, shown.ids.new_tensor(list(masks)))
    count, like = len(masks), shown.points
    stacked = torch.stack([*masks.values()])
    places = [torch.from_numpy(points_in_mask(mask.cpu().numpy(), like.shape[1])) for mask in masks.values()]
    described = segmenter.track_head.descriptors.per_frame(stacked[:, None], clips.real_shapes[0])
    made = ExemplarBatch(
        ids=shown.ids.new_tensor(list(masks)),
        frames=shown.frames.new_full((count,), frame),
        points=torch.stack(places).to(like) / like.new_tensor([clips.input_shape[1], clips.input_shape[0]]),
        descriptors=described[:, 0].to(shown.descriptors),
        kinds=None if shown.kinds is None else shown.kinds.new_full((count,), MASK),
        given=[*masks.values()],
    )
    return shown.select(~replaced).joined(made)
