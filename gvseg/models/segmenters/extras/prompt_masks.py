"""Masks of objects that are shown by points or boxes, made before their clip is segmented. Not in the paper.

A mask that is given is matched pixel by pixel; a point is a query only. So the object is first found in the frame where
it is shown, at the size of object that the weights know best, and shown again as that mask.

Shapes: K new objects of a frame, n exemplars of a clip, T frames, P points, H W padded network input, h w the size at
which masks are made, c channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
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
from .test_time_augmentation import View

MASK = 0
"""Kind of exemplars that are masks."""
LEAST_LEFT = 0.25
"""Share of a mask below which what GrabCut leaves of it is not believed."""


@dataclass(frozen=True)
class Prompt:
    """What is shown of one object in a frame, at the size (h, w).

    Attributes:
        inside: pixels (row, column) of its points, (P, 2) long; empty for a box.
        region: its box (h, w) bool; ``None`` for points.
        outside: pixels of other things, (h, w) bool.
    """

    inside: np.ndarray
    region: np.ndarray | None
    outside: np.ndarray


@TASK_UTILS.register_module()
class PromptMasks:
    """Turns points and boxes of new objects into masks: ``GvSeg(prompt_masks=dict(type='PromptMasks'))``.

    The frame is segmented alone, at several sizes; the mean of the mask logits is cut out along the colours of the
    frame (GrabCut: Rother, Kolmogorov and Blake, SIGGRAPH 2004), and of the outcome stays what hangs together with the
    points, or lies in the box. An object that is not found, or of which no pixel is surely inside, stays a point or
    box, and so do corrections of objects that are known.

    Args:
        sides: short sides of the frame at which it is segmented; masks are made at the last one.
        sure: mask logits below and above which pixels are surely outside and inside for GrabCut. With a box, pixels are
            surely outside outside of it alone.
        iterations: of GrabCut; 0: it is not used.
    """

    def __init__(
        self, sides: Sequence[int] = (192, 240), sure: tuple[float, float] = (-4.0, 2.0), iterations: int = 1
    ) -> None:
        self.sides, self.sure, self.iterations = tuple(sides), sure, iterations

    @torch.no_grad()
    def __call__(
        self, segmenter: GvSeg, inputs: Tensor, clips: ClipBatch, frames: Sequence[DetDataSample]
    ) -> ExemplarBatch:
        """The exemplars of a clip (T, 3, H, W), those of new objects as masks.

        Args:
            segmenter: the model.
            inputs: normalised frames.
            clips: the single clip.
            frames: its frames, whose ``exemplars`` have ``regions``.
        """
        assert clips.exemplars is not None and clips.memories is not None
        shown, memory = clips.exemplars[0], clips.memories[0]
        new = new_objects(shown, [] if memory is None else memory.ids.tolist())
        for frame in sorted({int(shown.frames[row]) for row in new}):
            rows = [row for row in new if int(shown.frames[row]) == frame]
            found = self._masks(segmenter, inputs[frame], clips, frame, rows, frames[frame])
            shown = as_masks(shown, found, segmenter, clips)
        return shown

    def _masks(
        self, segmenter: GvSeg, image: Tensor, clips: ClipBatch, frame: int, rows: list[int], sample: DetDataSample
    ) -> dict[int, Tensor]:
        """Masks (H, W) bool of the objects of some rows of the exemplars that are found in a frame (3, H, W)."""
        assert clips.exemplars is not None
        shown = clips.exemplars[0]
        logits, ids, seen = self._logits(segmenter, image, clips, frame)
        size = (logits.shape[-2], logits.shape[-1])
        picture = as_picture(image, segmenter.data_preprocessor.mean, segmenter.data_preprocessor.std, size)
        best, found = logits.argmax(0).numpy(), {}
        for row in rows:
            index = ids.index(int(shown.ids[row]))
            prompt = make_prompt(shown, row, sample, size, clips.input_shape)
            prompt.outside[(best != index) & (logits.amax(0) > 0).numpy()] = True
            if not seen[index] or float(logits[index].max()) <= self.sure[1]:
                continue
            mask = self.cut(picture, logits[index].numpy(), prompt)
            if mask.any():
                whole = F.interpolate(torch.from_numpy(mask)[None, None].float(), clips.input_shape, mode='bilinear')
                found[row] = (whole[0, 0] > 0.5).to(image.device)
        return {row: mask for row, mask in found.items() if mask.any()}

    def _logits(
        self, segmenter: GvSeg, image: Tensor, clips: ClipBatch, frame: int
    ) -> tuple[Tensor, list[int], list[bool]]:
        """Mean mask logits (K, h, w) of a frame's objects over the sizes, on the CPU; their ids; which are seen."""
        assert clips.exemplars is not None and clips.frame_ids is not None
        short = float(clips.real_shapes.min())
        size = [round(side * self.sides[-1] / short) for side in clips.input_shape]
        single = replace(
            clips,
            frames=1,
            frame_ids=clips.frame_ids[:, frame : frame + 1],
            exemplars=[only_frame(clips.exemplars[0], frame)],
            memories=[None],
            known_masks=None,
            described=None,
        )
        logits, scores, ids = [], [], []
        for side in self.sides:
            view = View(scale=side / short)
            inputs, seen = view.frames(image[None], single, segmenter.data_preprocessor.pad_size_divisor)
            clip = GvSeg.predict_clip(segmenter, inputs, seen)  # not a subclass's, which may take note of the clip
            assert clip.memory is not None
            ids = clip.memory.ids.tolist()
            like = image.new_zeros(len(ids), 1, *size)
            logits.append(view.masks_of_base(clip.masks[: len(ids)], like, single, seen)[:, 0])
            scores.append(clip.confidence[: len(ids)])
        confident = torch.stack(scores).mean(0) > segmenter.associator.confidence
        return torch.stack(logits).mean(0).float().cpu(), ids, confident.tolist()

    def cut(self, picture: np.ndarray, logits: np.ndarray, prompt: Prompt) -> np.ndarray:
        """Mask (h, w) bool of an object with mask logits (h, w) in a picture (h, w, 3) uint8."""
        mask = _belonging((logits > 0) & ~prompt.outside, prompt)
        if not mask.any() or not self.iterations:
            return mask
        grabbed = _belonging(self._grab(picture, logits, prompt), prompt)
        return grabbed if grabbed.sum() >= LEAST_LEFT * mask.sum() else mask

    def _grab(self, picture: np.ndarray, logits: np.ndarray, prompt: Prompt) -> np.ndarray:
        """The mask by GrabCut."""
        below, above = self.sure
        state = np.where(logits > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        state[logits > above] = cv2.GC_FGD
        state[logits < below if prompt.region is None else ~prompt.region] = cv2.GC_BGD
        state[prompt.outside] = cv2.GC_BGD
        state[tuple(prompt.inside.T)] = cv2.GC_FGD
        inside = np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD))
        if not inside.any() or inside.all():
            return inside
        cv2.setRNGSeed(0)
        outer, inner = np.zeros((1, 65)), np.zeros((1, 65))  # mixtures of colours, which start from the state
        cv2.grabCut(picture, state, (0, 0, 1, 1), outer, inner, self.iterations, cv2.GC_INIT_WITH_MASK)
        return np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD))


def new_objects(shown: ExemplarBatch, known: Sequence[int]) -> list[int]:
    """Rows of the exemplars that show objects, none of them known, for the first time and without a mask."""
    found, seen = [], set(known)
    for row in sorted(range(len(shown)), key=lambda row: int(shown.frames[row])):
        number = int(shown.ids[row])
        if number < BACKGROUND and number not in seen and not is_mask(shown, row):
            found.append(row)
        seen.add(number)
    return found


def is_mask(shown: ExemplarBatch, row: int) -> bool:
    """Whether a row of the exemplars was shown by a mask."""
    if shown.kinds is not None and int(shown.kinds[row]) == MASK:
        return True
    return shown.given is not None and shown.given[row] is not None


def only_frame(shown: ExemplarBatch, frame: int) -> ExemplarBatch:
    """The exemplars of one frame, as those of a clip of that frame alone."""
    rows = (shown.frames == frame).nonzero()[:, 0]
    return replace(
        shown,
        ids=shown.ids[rows],
        frames=torch.zeros_like(rows),
        points=shown.points[rows],
        descriptors=shown.descriptors[rows],
        kinds=None if shown.kinds is None else shown.kinds[rows],
        given=None if shown.given is None else [shown.given[row] for row in rows.tolist()],
    )


def make_prompt(
    shown: ExemplarBatch, row: int, sample: DetDataSample, size: tuple[int, int], padded: tuple[int, int]
) -> Prompt:
    """What one exemplar shows at the size (h, w) of masks, which stands for the padded input (H, W)."""
    cells = (shown.points.cpu() * torch.tensor([size[1], size[0]])).long().flip(-1)
    places = torch.minimum(cells.clamp(min=0), torch.tensor(size) - 1).numpy()
    outside = np.zeros(size, bool)
    mine = (shown.ids >= BACKGROUND) & (shown.ids % BACKGROUND == shown.ids[row]) & (shown.frames == shown.frames[row])
    for other in mine.nonzero()[:, 0].tolist():
        outside[tuple(places[other].T)] = True
    outside = ndimage.binary_dilation(outside, np.ones((5, 5), bool))  # a pixel alone would say little
    own = sample.exemplars.instances_ids.tolist().index(int(shown.ids[row]))
    region = sample.exemplars.regions[own]
    if not region.any():  # points have none
        return Prompt(places[row], None, outside)
    whole = F.pad(region.float(), (0, padded[1] - region.shape[1], 0, padded[0] - region.shape[0]))
    box = F.interpolate(whole[None, None], size, mode='area')[0, 0].numpy() > 0
    return Prompt(np.zeros((0, 2), np.int64), box, outside)


def _belonging(mask: np.ndarray, prompt: Prompt) -> np.ndarray:
    """What of a mask (h, w) may belong to the object."""
    return connected(mask, prompt.inside) if prompt.region is None else mask & prompt.region


def connected(mask: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The components (h, w) of a mask that contain one of the places (row, column); all if none does."""
    labels, _ = ndimage.label(mask, np.ones((3, 3), bool))
    wanted = np.setdiff1d(labels[tuple(places.T)], 0)
    return np.isin(labels, wanted) if len(wanted) else mask


def as_picture(image: Tensor, mean: Tensor, std: Tensor, size: tuple[int, int]) -> np.ndarray:
    """A normalised frame (3, H, W) as a picture (h, w, 3) uint8."""
    small = F.interpolate(image[None].float(), size, mode='area')[0] * std.view(3, 1, 1) + mean.view(3, 1, 1)
    return np.ascontiguousarray(small.round().clamp(0, 255).permute(1, 2, 0).cpu().numpy().astype(np.uint8))


def as_masks(shown: ExemplarBatch, masks: dict[int, Tensor], segmenter: GvSeg, clips: ClipBatch) -> ExemplarBatch:
    """The exemplars, some rows of which are shown by these masks (H, W)."""
    given = list(shown.given or [None] * len(shown))
    points, descriptors = shown.points.clone(), shown.descriptors.clone()
    kinds = None if shown.kinds is None else shown.kinds.clone()
    sides = points.new_tensor([clips.input_shape[1], clips.input_shape[0]])
    for row, mask in masks.items():
        places = torch.from_numpy(points_in_mask(mask.cpu().numpy(), points.shape[1]))
        points[row], given[row] = places.to(points) / sides, mask
        described = segmenter.track_head.descriptors.per_frame(mask[None, None], clips.real_shapes[0])
        descriptors[row] = described[0, 0].to(descriptors)
        if kinds is not None:
            kinds[row] = MASK
    return replace(shown, points=points, descriptors=descriptors, kinds=kinds, given=given)
