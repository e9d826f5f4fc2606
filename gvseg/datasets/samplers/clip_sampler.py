"""Order of clips at test time and of draws in training."""

import itertools
from collections.abc import Iterator, Sequence, Sized

import numpy as np
from mmdet.registry import DATA_SAMPLERS
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from gvseg.core.frame_sampling import clip_frames, clip_starts


@DATA_SAMPLERS.register_module()
class ClipSampler(Sampler):
    """Test: the clips of each video in order, a whole video on one rank.

    Yields (video, [frame, ...]). Videos are distributed so that ranks get
    about equal numbers of frames.

    Args:
        dataset: A test-mode ``ClipDataset``.
        clip_length: Frames of a clip; 0 = the whole video (offline).
        overlap: Frames that a clip shares with the previous one.
        seed: Unused; mmengine passes one.
    """

    def __init__(self, dataset: Sized, clip_length: int = 3, overlap: int = 0, seed: int | None = None) -> None:
        if clip_length < 0 or not 0 <= overlap < max(clip_length, 1):
            raise ValueError(
                f'clip_length {clip_length} and overlap {overlap} do not fit: need 0 <= overlap < clip_length.'
            )
        rank, world_size = get_dist_info()
        lengths = [dataset.get_len_per_video(i) for i in range(len(dataset))]
        self.indices: list[tuple[int, list[int]]] = []
        for video in share_videos(lengths, world_size)[rank]:
            size = clip_length or lengths[video]
            for start in clip_starts(lengths[video], size, overlap):
                frames = clip_frames(start, size, lengths[video])
                self.indices.append((video, frames))

    def __iter__(self) -> Iterator[tuple[int, list[int]]]:
        return iter(self.indices)

    def __len__(self) -> int:
        return len(self.indices)

    def set_epoch(self, epoch: int) -> None:
        """The order never changes."""


def share_videos(lengths: Sequence[int], shares: int) -> list[list[int]]:
    """Distribute videos over ranks: longest first, each to the rank with the fewest frames.

    Args:
        lengths: Frames of each video.
        shares: Number of ranks.

    Returns:
        list: Video indices of each rank in ascending order.
    """
    loads, result = [0] * shares, [[] for _ in range(shares)]
    for video in sorted(range(len(lengths)), key=lambda v: -lengths[v]):
        target = loads.index(min(loads))
        result[target].append(video)
        loads[target] += lengths[video]
    return [sorted(videos) for videos in result]


@DATA_SAMPLERS.register_module()
class ClipDrawSampler(Sampler):
    """Training: an endless stream of (video, draw).

    Draw n depends only on the seed and n: all videos are shuffled anew in each round.
    Rank r of W gets draws r, r + W, ..., so one process and several see the
    same global batches, and :meth:`skip` resumes at any draw without iterating.

    Args:
        dataset: The training set.
        seed: Seed; None = a random one, synchronised over ranks.
        shares: For concatenated datasets: fraction of the draws from each,
            e.g. (0.7, 0.3). None = proportional to their sizes.
    """

    def __init__(self, dataset: Sized, seed: int | None = None, shares: Sequence[float] | None = None) -> None:
        self.rank, self.world_size = get_dist_info()
        self.seed = sync_random_seed() if seed is None else seed
        self.size = len(dataset)
        self.start = 0
        self.limits: np.ndarray | None = None
        if shares is not None:
            self.limits = np.array([0, *dataset.cumulative_sizes])
            self.shares = np.asarray(shares, float) / np.sum(shares)
            if len(self.shares) != len(self.limits) - 1:
                raise ValueError(f'{len(self.shares)} shares for {len(self.limits) - 1} datasets.')
        self._round: tuple[int, np.ndarray] = (-1, np.zeros(0, int))

    def video_of(self, draw: int) -> int:
        """Index of the video that a draw is taken from."""
        if self.limits is not None:
            rng = np.random.default_rng((self.seed, draw))
            chosen = rng.choice(len(self.shares), p=self.shares)
            return int(rng.integers(*self.limits[chosen : chosen + 2]))
        number, place = divmod(draw, self.size)
        if self._round[0] != number:
            rng = np.random.default_rng((self.seed, number))
            self._round = (number, rng.permutation(self.size))
        return int(self._round[1][place])

    def __iter__(self) -> Iterator[tuple[int, int]]:
        first = self.rank + self.start * self.world_size
        for draw in itertools.count(first, self.world_size):
            yield self.video_of(draw), draw

    def skip(self, num_samples: int) -> None:
        """Skip the draws that this rank has already used.

        Args:
            num_samples: Draws of this rank, counted from the first.
        """
        if num_samples < 0:
            raise ValueError(f'Cannot skip {num_samples} draws.')
        self.start = num_samples

    def __len__(self) -> int:
        return self.size

    def set_epoch(self, epoch: int) -> None:
        """The stream is endless."""
