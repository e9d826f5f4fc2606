"""Score a trivial baseline: the first mask of every object, copied to all later frames.

Data, exemplars and metrics are those of the config's test.

Example:
    python projects/studies/copy_first_mask.py configs/evs/gvseg-evs_tiny_1xb2-2k5_moving-shapes.py
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gvseg.entry import entry_point
from gvseg.utils.command_line import add_common_options, prepare
from gvseg.utils.errors import ConfigError

if TYPE_CHECKING:
    from mmdet.structures import DetDataSample
    from mmengine.config import Config


class FirstMasks:
    """Prompted objects of one video so far; masks of later objects are on top.

    Invariant: ``map`` holds all prompts of the frames before ``due``, the next frame of ``video``.
    """

    def __init__(self) -> None:
        self.video, self.due, self.map = None, 0, None

    def take(self, frame: DetDataSample) -> bool:
        """Write ``pred_object_map``, (1, H, W) with 0 for background, into a frame that has not been processed yet.

        Returns:
            False for a repeated frame: the last clip of a video repeats its last frame.
        """
        import torch
        from mmengine.structures import PixelData

        if frame.metainfo['video_id'] != self.video:
            self.video, self.due = frame.metainfo['video_id'], 0
            self.map = np.zeros(frame.metainfo['ori_shape'][:2], np.int64)
        if frame.metainfo['frame_id'] < self.due:
            return False
        self._look(frame)
        frame.pred_object_map = PixelData(sem_seg=torch.from_numpy(self.map.copy())[None])
        return True

    def _look(self, frame: DetDataSample) -> None:
        """Add the prompts of a frame."""
        self.due = frame.metainfo['frame_id'] + 1
        shown = set(frame.exemplars.instances_ids.tolist()) if 'exemplars' in frame else set()
        truth = frame.gt_instances
        masks = truth.masks.resize(self.map.shape).masks if len(truth) else []
        for identity, mask in zip(truth.instances_ids.tolist(), masks):
            if identity in shown:
                self.map[mask > 0] = identity


def score(config: Config) -> dict[str, float]:
    """Metrics of the config's test evaluator.

    Raises:
        ConfigError: The test of the config has no exemplars.
    """
    from mmdet.structures import TrackDataSample
    from mmengine.evaluator import Evaluator
    from mmengine.registry import init_default_scope
    from mmengine.runner import Runner

    init_default_scope(config.get('default_scope', 'mmdet'))
    config.test_dataloader.sampler.overlap = 0
    loader = Runner.build_dataloader(config.test_dataloader, seed=0)
    evaluator = Evaluator(config.test_evaluator)
    evaluator.dataset_meta = loader.dataset.metainfo
    tracker, exemplars = FirstMasks(), 0
    for batch in loader:
        clips = []
        for clip in batch['data_samples']:
            frames = [frame for frame in clip.video_data_samples if tracker.take(frame)]
            exemplars += sum('exemplars' in frame for frame in frames)
            clips.append(TrackDataSample(video_data_samples=frames))
        evaluator.process(clips, batch)
    if not exemplars:
        raise ConfigError('the test of this config shows no exemplars: its pipeline needs MakeExemplars')
    return evaluator.evaluate(len(loader.dataset))


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description='Score the first mask of every object, copied to all frames')
    parser.add_argument('config', help='config file')
    add_common_options(parser)
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    numbers = score(prepare(arguments))
    print(json.dumps({name: round(float(value), 4) for name, value in numbers.items()}, indent=2))


if __name__ == '__main__':
    sys.exit(main())
