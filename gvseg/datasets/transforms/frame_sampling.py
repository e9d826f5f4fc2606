"""Which clips of a video a training item is made of.

Letters: T frames of a clip, F frames of a video, K objects, H W frame size,
u v angle and radius bins.
"""
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmdet.registry import TASK_UTILS, TRANSFORMS

from gvseg.core.frame_sampling import (clip_frames, rank_reference_frames,
                                       sample_reference_clips)
from gvseg.core.shape_position import (DescriptorSpec, describe,
                                       descriptor_change)
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
        num_near_references: Further reference clips, from near frames, behind
            the others: see ``near_references`` of the contrastive loss.
        reach: For near ones: largest distance of clip starts, in frames.
        strides: Steps between the frames of a clip, one drawn for an item.
        smart: Config of the task util that chooses among candidate clips by
            ground truth, ``type`` defaulting to ``ReferencePreference``, e.g.
            dict(candidates=6, threshold=0.2). None = plain random.
    """

    def __init__(self, clip_length: int = 3, num_references: int = 1,
                 scope: str = 'video', num_near_references: int = 0,
                 reach: int = 10, strides: Sequence[int] = (1, ),
                 smart: Optional[dict] = None) -> None:
        if scope not in ('video', 'near'):
            raise ValueError(f"scope must be 'video' or 'near', not {scope!r}")
        self.clip_length = clip_length
        self.num_references = num_references
        self.scope = scope
        self.num_near_references = num_near_references
        self.reach = reach
        self.strides = tuple(strides)
        self.smart = None if smart is None else TASK_UTILS.build(
            {'type': 'ReferencePreference', **smart})

    def transform(self, video: dict) -> dict:
        """Video dict with ``rng`` -> dict of lists over the item's frames."""
        rng, length = video['rng'], video['video_length']
        stride = int(rng.choice(self.strides))
        span = min((self.clip_length - 1) * stride + 1, length)
        key = self._key_start(video, length - span + 1, rng)
        starts = [key] + self._references(video, key, span, rng)
        frames: List[int] = []
        for start in starts:
            last = min(start + span, length)
            steps = clip_frames(0, self.clip_length,
                                len(range(start, last, stride)))
            frames.extend(start + stride * step for step in steps)
        results = collate_frames(video, frames)
        results.update(
            rng=rng,
            clip_length=self.clip_length,
            key_frame_flags=[i < self.clip_length
                             for i in range(len(frames))])
        return results

    def _key_start(self, video: dict, choices: int,
                   rng: np.random.Generator) -> int:
        """A start whose frame has an object, where that is known."""
        start = 0
        for _ in range(10):
            start = int(rng.integers(choices))
            instances = video['images'][start].get('instances')
            if instances is None or instances:
                break
        return start

    def _references(self, video: dict, key: int, span: int,
                    rng: np.random.Generator) -> List[int]:
        count = self.num_references
        if self.smart is not None:
            count = max(count, self.smart.candidates)
        starts = sample_reference_clips(
            key, video['video_length'], span, count, rng, scope=self.scope,
            reach=self.reach)
        if self.smart is not None and self.num_references:
            starts = self.smart.choose(video, key, starts,
                                       self.num_references, rng)
        near = sample_reference_clips(
            key, video['video_length'], span, self.num_near_references, rng,
            scope='near', reach=self.reach) if self.num_near_references else []
        return [int(start) for start in [*starts, *near]]


@TASK_UTILS.register_module()
class ReferencePreference:
    """Chooses reference clips by ground truth; needs no network.

    Clips with real positives (change of descriptor below the threshold) and
    hard negatives are preferred.

    Args:
        candidates: Clips looked at for an item.
        threshold: Largest change of descriptor of a positive (tau).
        memory: Frames whose descriptors are kept.
        descriptor: Options of ``DescriptorSpec``, as in the model's config.
    """

    def __init__(self, candidates: int = 6, threshold: float = 0.2,
                 memory: int = 20000, descriptor: Optional[dict] = None) -> None:
        self.candidates = candidates
        self.threshold = threshold
        self.memory = memory
        self.spec = DescriptorSpec(**(descriptor or {}))
        self._cache: Dict[str, Tuple[np.ndarray, torch.Tensor]] = {}

    def choose(self, video: dict, key: int, starts: Sequence[int], count: int,
               rng: np.random.Generator) -> List[int]:
        """Draw ``count`` of the starts, the more often the higher ranked."""
        unique = list(dict.fromkeys(int(start) for start in starts))
        self._remember([video['images'][i] for i in [key, *unique]])
        ids, key_descriptors = self._cache[video['images'][key]['img_path']]
        if not len(ids) or len(unique) <= count:
            return [unique[i % len(unique)] for i in range(count)]
        change = torch.full((len(unique), len(ids)), float('inf'))
        for row, start in enumerate(unique):
            found, descriptors = self._cache[video['images'][start]['img_path']]
            _, mine, its = np.intersect1d(ids, found, return_indices=True)
            change[row, mine] = descriptor_change(
                key_descriptors[mine].float(), descriptors[its].float())
        scores = np.asarray(rank_reference_frames(change, self.threshold),
                            float)
        # Gumbel noise draws without replacement, weights exp(score).
        order = np.argsort(-(scores + rng.gumbel(size=len(scores))))
        return [unique[i] for i in order[:count]]

    def _remember(self, frames: Sequence[dict]) -> None:
        """Keep ids (K,) and descriptors (K, u, v) of the frames' things."""
        missing = [f for f in frames if f['img_path'] not in self._cache]
        if missing:
            self._trim(len(frames))
            loaded = [self._things(frame) for frame in missing]
            masks = torch.from_numpy(np.concatenate([s.masks for s in loaded]))
            parts = describe(masks.bool(), self.spec, 256, masks.shape[-2:]
                             ).half().split([len(s.ids) for s in loaded])
            for frame, segments, part in zip(missing, loaded, parts):
                self._cache[frame['img_path']] = (segments.ids, part)

    def _trim(self, room: int) -> None:
        """Forget all where the memory is full: simple, and seldom."""
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
