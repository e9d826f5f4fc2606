"""Test-time augmentation: the mean of predictions for scaled and flipped views of a clip.

Shapes: T frames, N queries, K objects, C classes, H W padded network input, h w mask pixels, u v descriptor bins.
A view is the frames scaled, mirrored, or both; "base" are the frames as they come.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from mmdet.registry import MODELS
from torch import Tensor

from gvseg.core.query_set import QuerySet
from gvseg.core.similarity import cosine_similarity
from gvseg.core.tracking.assignment import assign
from gvseg.core.tracking.tubes import tube_iou
from gvseg.models.structures import ClipBatch, ClipPrediction, ExemplarBatch, ObjectMemory, has_pixels
from gvseg.utils.errors import ConfigError

from ..general import GeneralGvSeg
from ..gvseg import GvSeg


@dataclass(frozen=True)
class View:
    """Scale and flip of a view.

    Attributes:
        scale: sides relative to those of the base.
        flip: mirrored left to right.

    Raises:
        ConfigError: the scale is no positive number.
    """

    scale: float = 1.0
    flip: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.scale, (int, float)) or not self.scale > 0:
            raise ConfigError(f'scale of a view must be a positive number, not {self.scale!r} (views of GvSegTTA)')

    def frames(self, inputs: Tensor, clips: ClipBatch, divisor: int) -> tuple[Tensor, ClipBatch]:
        """Frames and clip batch of this view.

        Args:
            inputs: base frames (T, 3, H, W).
            clips: one clip, at test.
            divisor: the padded sides are multiples of it.
        """
        height, width = (int(side) for side in clips.real_shapes[0])
        size = [max(1, round(side * self.scale)) for side in (height, width)]
        frames = inputs[..., :height, :width]
        frames = F.interpolate(frames.flip(-1) if self.flip else frames, size, mode='bilinear', align_corners=False)
        frames = F.pad(frames, (0, -size[1] % divisor, 0, -size[0] % divisor))
        rows, columns = frames.shape[-2:]
        view = replace(clips, input_shape=(rows, columns), real_shapes=clips.real_shapes.new_tensor([size]))
        if clips.exemplars is not None:
            view.exemplars = [self._shown(shown, clips, view) for shown in clips.exemplars]
            view.memories = [
                None if memory is None else self._remembered(memory, clips, view) for memory in clips.memories or [None]
            ]
        if clips.known_masks is not None:  # their maps have stride 8
            view.known_masks = clips.known_masks.resampled(self._grid((rows // 8, columns // 8), view, clips))
        return frames, view

    def places(self, places: Tensor, base: ClipBatch, view: ClipBatch) -> Tensor:
        """Where this view shows places (..., 2) of the base, (x, y) as fractions of the padded inputs."""
        inside = places * _sides(base.input_shape, places) / base.real_shapes[0].flip(0)
        if self.flip:
            inside = torch.stack((1 - inside[..., 0], inside[..., 1]), -1)
        return inside * view.real_shapes[0].flip(0) / _sides(view.input_shape, places)

    def masks_of_base(self, masks: Tensor, like: Tensor, base: ClipBatch, view: ClipBatch) -> Tensor:
        """Mask logits of the view (N, T, h', w') where ``like`` (N, T, h, w) has those of the base."""
        grid = self._grid((like.shape[-2], like.shape[-1]), base, view)
        return F.grid_sample(
            masks.float(),
            grid.expand(len(masks), *grid.shape),
            mode='bilinear',
            padding_mode='border',
            align_corners=False,
        )

    def _grid(self, size: tuple[int, int], ours: ClipBatch, theirs: ClipBatch) -> Tensor:
        """Where pixels of maps of ``size`` (h, w) of one of base and view are in the other, (h, w, 2) in -1..1."""
        device = ours.real_shapes.device
        rows, columns = ((torch.arange(side, device=device) + 0.5) / side for side in size)
        return 2 * self.places(torch.stack(torch.meshgrid(columns, rows, indexing='xy'), -1), ours, theirs) - 1

    def _given(self, mask: Tensor, base: ClipBatch, view: ClipBatch) -> Tensor:
        """A given mask (H, W) in this view."""
        grid = self._grid(view.input_shape, view, base)
        return F.grid_sample(mask[None, None].float(), grid[None], align_corners=False)[0, 0] > 0.5

    def _shown(self, shown: ExemplarBatch, base: ClipBatch, view: ClipBatch) -> ExemplarBatch:
        return replace(
            shown,
            points=self.places(shown.points, base, view),
            descriptors=self._descriptors(shown.descriptors),
            given=shown.given and [mask if mask is None else self._given(mask, base, view) for mask in shown.given],
        )

    def _remembered(self, memory: ObjectMemory, base: ClipBatch, view: ClipBatch) -> ObjectMemory:
        return replace(
            memory, places=self.places(memory.places, base, view), descriptors=self._descriptors(memory.descriptors)
        )

    def _descriptors(self, descriptors: Tensor) -> Tensor:
        return mirrored_descriptors(descriptors) if self.flip else descriptors


def _sides(shape: tuple[int, int], like: Tensor) -> Tensor:
    """Width and height."""
    return like.new_tensor([shape[1], shape[0]])


def mirrored_descriptors(descriptors: Tensor) -> Tensor:
    """Descriptors (..., u, v) of the same masks mirrored left to right: an angle becomes half a turn less itself.

    Raises:
        ConfigError: u is odd; then no bin is another one's mirror image.
    """
    bins = descriptors.shape[-2]
    if bins % 2:
        raise ConfigError(
            f'a flipped view needs an even number of angle bins, the descriptor has {bins}: change '
            'angle_bins, or leave flip out of the views of tta_model'
        )
    return descriptors[..., (bins // 2 - 1 - torch.arange(bins, device=descriptors.device)) % bins, :]


@MODELS.register_module()
class GvSegTTA(GvSeg):
    """Averages the predictions of a clip over augmented views. Not in the paper.

    A view's queries are first matched to those of the base. A query that stands for one class or one object is matched
    to itself, the others by the overlap of their tubes and by their classes. Where a view has no partner for a query,
    the query keeps the mean over the other views. Embeddings and features, which link clips, are those of the base.

    Args:
        views: fields of :class:`View`, beside the base.
        iou_thr: minimum IoU of two matched tubes.
        kwargs: as :class:`GvSeg`.

    Raises:
        ConfigError: a view has unknown fields or values.
    """

    def __init__(self, *, views: list[dict], iou_thr: float = 0.5, **kwargs) -> None:
        super().__init__(**kwargs)
        self.views = [_view(fields) for fields in views]
        self.iou_thr = iou_thr

    @property
    def network_is_stateless(self) -> bool:
        """Clips are decoded one after another, in every view."""
        return False

    def predict_single_view(self, inputs: Tensor, clips: ClipBatch) -> ClipPrediction:
        """The mean over the views, in the base's queries and mask pixels."""
        base = super().predict_single_view(inputs, clips)
        masks, probabilities = base.masks.float(), base.probabilities.clone()
        counts = torch.ones(len(masks), device=masks.device)
        known = clips if base.memory is None else replace(clips, memories=[base.memory])
        for view in self.views:
            seen, found = self._look_through(view, inputs, known, base)
            mine, theirs = match_queries(
                base.queries,
                tube_iou(base.masks > 0, seen > 0),
                cosine_similarity(base.probabilities, found),
                self.iou_thr,
            )
            masks = masks.index_add(0, mine, seen[theirs])
            probabilities = probabilities.index_add(0, mine, found[theirs])
            counts = counts.index_add(0, mine, counts.new_ones(len(mine)))
        masks = self._inside(masks / counts[:, None, None, None], base.masks, clips)
        size, present = clips.real_shapes[0] * (masks.shape[-2] / clips.input_shape[0]), has_pixels(masks)
        return replace(
            base,
            masks=masks,
            probabilities=probabilities / counts[:, None],
            present=present,
            descriptors=self.track_head.descriptors.first_last(masks, present, size),
        )

    def _look_through(
        self, view: View, inputs: Tensor, clips: ClipBatch, base: ClipPrediction
    ) -> tuple[Tensor, Tensor]:
        """Mask logits in the base's pixels, and class probabilities, of the view's queries."""
        frames, seen = view.frames(inputs, clips, self.data_preprocessor.pad_size_divisor)
        clip = super().predict_single_view(frames, seen)
        return view.masks_of_base(clip.masks, base.masks, clips, seen), clip.probabilities

    @staticmethod
    def _inside(masks: Tensor, base: Tensor, clips: ClipBatch) -> Tensor:
        """``masks`` in the real frame, ``base`` in the padding, which views do not cover; all (N, T, h, w)."""
        rows, columns = (
            (torch.arange(side, device=masks.device) + 0.5) / side * whole < real
            for side, whole, real in zip(masks.shape[-2:], clips.input_shape, clips.real_shapes[0])
        )
        return torch.where(rows[:, None] & columns, masks, base.float())


@MODELS.register_module()
class GeneralGvSegTTA(GeneralGvSeg, GvSegTTA):
    """:class:`GvSegTTA` of a general model."""


def _view(fields: dict) -> View:
    try:
        return View(**fields)
    except TypeError:
        raise ConfigError(
            f'a view of GvSegTTA has the fields {", ".join(View.__dataclass_fields__)}, not {fields!r}'
        ) from None


def match_queries(queries: QuerySet, overlap: Tensor, similarity: Tensor, iou_thr: float) -> tuple[Tensor, Tensor]:
    """Matched queries of two views of a clip.

    Args:
        queries: of the base, one clip.
        overlap: IoU of its tubes (rows) with those of the other view, (N, N).
        similarity: similarity of their class probabilities, likewise; it decides among duplicates.
        iou_thr: minimum IoU of a pair; not asked of queries that stand for a class or an object.

    Returns:
        Indices of queries of the base and of their partners, both (M,) long.
    """
    alike = queries.same_role()
    tied = alike.sum(1) == 1
    if queries.objects is not None:
        tied |= queries.objects[0] >= 0
    rows, columns = assign(-overlap - similarity, alike & ~tied[:, None] & ~tied & (overlap >= iou_thr))
    own = tied.nonzero()[:, 0]
    return torch.cat((own, rows)), torch.cat((own, columns))
