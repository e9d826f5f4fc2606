"""Ground-truth tubes of generated videos (Moving Shapes), read from the YouTube-VIS file of a split.

Shapes:
    K: things of a video; T: frames; p: predictions; H W: frame size; h w: mask size.
"""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pycocotools.mask as coco_mask
import torch
from torch import Tensor

IOU = 0.5


class TrueTubes:
    """Masks of all things of a split.

    Args:
        root: folder of the split.

    Attributes:
        lengths: video -> T.
    """

    def __init__(self, root: Path) -> None:
        content = json.loads((root / 'ytvis/instances.json').read_text(encoding='utf-8'))
        names = {video['id']: Path(video['file_names'][0]).parent.name for video in content['videos']}
        self.lengths = {names[video['id']]: video['length'] for video in content['videos']}
        self.runs: dict[str, list[list]] = defaultdict(list)
        for tube in content['annotations']:
            self.runs[names[tube['video_id']]].append(tube['segmentations'])

    @property
    def videos(self) -> tuple[str, ...]:
        """Names of the videos that have things."""
        return tuple(self.runs)

    def visible(self, video: str) -> np.ndarray:
        """Whether each thing is visible in each frame, (K, T) bool."""
        return np.array([[run is not None for run in tube] for tube in self.runs[video]])

    def matched_ids(self, video: str, frame: int, masks: np.ndarray, ids: np.ndarray) -> np.ndarray:
        """For every thing the id of the prediction with the highest IoU, -1: none above the threshold; (K,).

        Args:
            video, frame: name of the video, index of the frame.
            masks, ids: predictions, (p, H, W) bool and (p,).
        """
        runs = [tube[frame] for tube in self.runs[video]]
        result = np.full(len(runs), -1)
        shown = [index for index, run in enumerate(runs) if run is not None]
        if len(ids) and shown:
            found = coco_mask.encode(np.asfortranarray(masks.transpose(1, 2, 0).astype(np.uint8)))
            overlap = coco_mask.iou([runs[index] for index in shown], found, [0] * len(found))
            result[shown] = np.where(overlap.max(1) >= IOU, ids[overlap.argmax(1)], -1)
        return result

    def masks(self, video: str, frames: list[int], size: tuple[int, int]) -> Tensor:
        """(K, T, h, w) bool masks, resized by majority of the pixels."""
        tubes = [
            [
                0 * coco_mask.decode(next(filter(None, runs))) if runs[frame] is None else coco_mask.decode(runs[frame])
                for frame in frames
            ]
            for runs in self.runs[video]
        ]
        if not tubes:
            return torch.zeros(0, len(frames), *size, dtype=torch.bool)
        return torch.nn.functional.interpolate(torch.from_numpy(np.array(tubes)).float(), size, mode='area') > 0.5
