"""Sampling of the key and reference clips of a training item.

Shapes: T frames of a clip, F frames of a video, K objects, H W frame size,
u v angle and radius bins.
"""

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmdet.registry import TASK_UTILS, TRANSFORMS

from gvseg.core.descriptors import DescriptorSpec, compute_descriptors, descriptor_change
from gvseg.core.frame_sampling import clip_frames, rank_reference_frames, sample_reference_clips
from gvseg.formats.images import read_header

from ..base import collate_frames
from ..segments import STUFF_ID_OFFSET, Segments, load_segments


@TRANSFORMS.register_module()
class TemporalContrastiveFrameSample(BaseTransform):
    """Task-oriented TCL sampling: a key clip and reference clips.

    Paper section 3.4: references come from anywhere in the same video
    (``scope='video'``) instead of near the key (``'near'``). The item's
    frames are the key clip followed by the reference clips.

    Args:
        clip_length: Frames of a clip, T.
        num_references: Reference clips.
        scope: 'video' or 'near'.
        num_near_references: Additional reference clips from near frames, after
            the others: see ``near_references`` of the contrastive loss.
        reach: For near references: largest distance of clip starts, in frames.
        strides: Frame strides of a clip; one is drawn per item.
        smart: Config of the task util that selects candidate clips by ground
            truth, ``type`` defaulting to ``ReferenceFrameSelector``, e.g.
            dict(candidates=6, threshold=0.2). None = uniform.
    """

    def __init__(
        self,
        clip_length: int = 3,
        num_references: int = 1,
        scope: str = 'video',
        num_near_references: int = 0,
        reach: int = 10,
        strides: Sequence[int] = (1,),
        smart: dict | None = None,
    ) -> None:
        if scope not in ('video', 'near'):
            raise ValueError(f"scope must be 'video' or 'near', not {scope!r}")
        self.clip_length = clip_length
        self.num_references = num_references
        self.scope = scope
        self.num_near_references = num_near_references
        self.reach = reach
        self.strides = tuple(strides)
        self.smart = None if smart is None else TASK_UTILS.build({'type': 'ReferenceFrameSelector', **smart})

    def transform(self, video: dict) -> dict:
        """Video dict with ``rng`` -> dict of lists over the item's frames."""
        rng, length = video['rng'], video['video_length']
        stride = int(rng.choice(self.strides))
        span = min((self.clip_length - 1) * stride + 1, length)
        key = self._key_start(video, length - span + 1, rng)
        clip = self._clip(key, span, stride)
        references = self._references(video, clip, span, stride)
        frames = [frame for part in [clip, *references] for frame in part]
        results = collate_frames(video, frames)
        results.update(
            rng=rng, clip_length=self.clip_length, key_frame_flags=[i < self.clip_length for i in range(len(frames))]
        )
        return results

    def _key_start(self, video: dict, choices: int, rng: np.random.Generator) -> int:
        """Draw a start whose frame has an object, if annotations tell."""
        start = 0
        for _ in range(10):
            start = int(rng.integers(choices))
            instances = video['images'][start].get('instances')
            if instances is None or instances:
                break
        return start

    def _clip(self, start: int, span: int, stride: int) -> list[int]:
        """Frame indices of a clip of T frames; a shorter video repeats its last frame."""
        steps = len(range(0, span, stride))
        return [start + stride * step for step in clip_frames(0, self.clip_length, steps)]

    def _references(self, video: dict, key: list[int], span: int, stride: int) -> list[list[int]]:
        """Frames of the reference clips of a key clip (T)."""

        def draw(count: int, scope: str) -> list[list[int]]:
            starts = sample_reference_clips(
                key[0], video['video_length'], span, count, video['rng'], scope=scope, reach=self.reach
            )
            return [self._clip(int(start), span, stride) for start in starts]

        if self.smart is None or not self.num_references:
            clips = draw(self.num_references, self.scope)
        else:
            candidates = draw(max(self.num_references, self.smart.candidates), self.scope)
            clips = self.smart.choose(video, key, candidates, self.num_references)
        return clips + (draw(self.num_near_references, 'near') if self.num_near_references else [])


@TASK_UTILS.register_module()
class ReferenceFrameSelector:
    """Select reference clips by ground truth, without a network.

    The first is the candidate with the most positives (objects whose descriptor, the mean over the clip as in the
    loss, changed by less than the threshold) and hard negatives (objects that changed by more); further ones are
    drawn at random.

    Args:
        candidates: Candidate clips per item.
        threshold: Largest change of descriptor of a positive (tau).
        memory: Frames whose descriptors are cached.
        descriptor: Options of ``DescriptorSpec``, as in the model's config.
    """

    def __init__(
        self, candidates: int = 6, threshold: float = 0.2, memory: int = 20000, descriptor: dict | None = None
    ) -> None:
        self.candidates = candidates
        self.threshold = threshold
        self.memory = memory
        self.spec = DescriptorSpec(**(descriptor or {}))
        self._cache: dict[str, tuple[np.ndarray, torch.Tensor]] = {}

    def choose(self, video: dict, key: Sequence[int], candidates: Sequence[list[int]], count: int) -> list[list[int]]:
        """Choose ``count`` of the candidates, clips of T frames, for a key clip; the rng breaks ties."""
        unique = [clip for number, clip in enumerate(candidates) if clip not in candidates[:number]]
        video['rng'].shuffle(unique)
        clips = [[video['images'][frame] for frame in clip] for clip in [key, *unique]]
        self._remember([frame for clip in clips for frame in clip])
        (ids, descriptors), *others = (self._describe_clip(clip) for clip in clips)
        change = torch.full((len(unique), len(ids)), float('inf'))
        for row, (found, theirs) in enumerate(others):
            _, mine, its = np.intersect1d(ids, found, return_indices=True)
            change[row, mine] = descriptor_change(descriptors[mine], theirs[its])
        best = int(rank_reference_frames(change, self.threshold).argmax())
        unique.insert(0, unique.pop(best))
        return [unique[index % len(unique)] for index in range(count)]

    def _describe_clip(self, frames: Sequence[dict]) -> tuple[np.ndarray, torch.Tensor]:
        """Ids (K,) of a clip's objects and their mean descriptors (K, u, v) over the frames with the object."""
        ids, parts = zip(*(self._cache[frame['img_path']] for frame in frames))
        unique, place = np.unique(np.concatenate(ids), return_inverse=True)
        described = torch.cat(parts).float()
        total = described.new_zeros(len(unique), *described.shape[1:])
        total.index_add_(0, torch.from_numpy(place), described)
        return unique, total / torch.from_numpy(np.bincount(place, minlength=len(unique)))[:, None, None]

    def _remember(self, frames: Sequence[dict]) -> None:
        """Cache ids (K,) and descriptors (K, u, v) of the frames' things."""
        self._trim(len(frames))
        missing = {f['img_path']: f for f in frames if f['img_path'] not in self._cache}
        if missing:
            loaded = [self._things(frame) for frame in missing.values()]
            masks = torch.from_numpy(np.concatenate([s.masks for s in loaded]))
            parts = (
                compute_descriptors(masks.bool(), self.spec, 256, masks.shape[-2:])
                .half()
                .split([len(s.ids) for s in loaded])
            )
            for path, segments, part in zip(missing, loaded, parts):
                self._cache[path] = (segments.ids, part)

    def _trim(self, room: int) -> None:
        """Clear the cache when it is full, which is rare."""
        if len(self._cache) + room > self.memory:
            self._cache.clear()

    @staticmethod
    def _things(frame: dict) -> Segments:
        if frame.get('height'):
            size = (frame['height'], frame['width'])
        else:
            size = read_header(frame['img_path']).size
        segments = load_segments(frame, size)
        return segments.select(segments.ids < STUFF_ID_OFFSET)
