"""Count how often a hidden thing keeps its id, on Moving Shapes videos with bars as occluders.

    python projects/studies/reidentification.py configs/vis/gvseg-vis_tiny_1xb2-4k_moving-shapes.py \
        weights/gvseg-vis_tiny_moving-shapes.pth

A return is a thing that is absent from at least one whole clip (without the frames that overlap the next clip) and
then visible again. Its id before is that of the last prediction that covers it (IoU of at least
0.5, within ``returns.NEAR`` frames of hiding), its id after that of the first such prediction. If one of the two is
missing, the return is not counted as found: this is an error of masks, not of association. The control is things that
stay visible for the same time.

The network runs once; each associator links the same predictions.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from returns import Return, returns_of, table
from true_tubes import TrueTubes

from gvseg.entry import entry_point
from gvseg.moving_shapes import SplitSettings, generate_split
from gvseg.utils.arguments import add_config_options
from gvseg.utils.errors import ConfigError
from gvseg.utils.progress import ProgressBar

if TYPE_CHECKING:
    from mmdet.structures import DetDataSample
    from mmengine.config import Config

    from gvseg.models.structures import ClipPrediction

NO_CUES = dict(thing=dict(appearance=True, shape_position=False))
VARIANTS = {
    'as configured': {},
    'no shape-position cues': NO_CUES,
    'memory off': dict(memory=0),
    'memory off, no cues': dict(memory=0, **NO_CUES),
}


class Linker:
    """An associator with its own state, and the ids that it assigned to things.

    Args:
        config: config of the model.
        changes: changes of the associator's settings.
        truth: ground truth of the videos.
        min_score: predictions below are ignored.
    """

    def __init__(self, config: Config, changes: dict, truth: TrueTubes, min_score: float) -> None:
        from mmdet.registry import TASK_UTILS

        self.associator = TASK_UTILS.build({**config.model.associator, **changes})
        self.task_output = TASK_UTILS.build(config.model.task_output)
        self.truth, self.min_score = truth, min_score
        self.next_frame = 0  # the first frame of the current video that no clip has reported
        self.ids = {video: np.full(truth.visible(video).shape, -1) for video in truth.videos}

    def take(self, clip: ClipPrediction, frames: Sequence[DetDataSample], input_shape: tuple[int, int]) -> None:
        """Associate the next clip of a video and store the ids of its things."""
        import torch

        from gvseg.models.structures import TrackedClip
        from gvseg.visualization import predicted_segments

        if frames[0].frame_id == 0:
            self.associator.reset()
            self.next_frame = 0
        order = torch.argsort(self.associator.track(clip))
        fresh = [index for index, frame in enumerate(frames) if frame.frame_id >= self.next_frame]
        tracked = TrackedClip(
            clip.probabilities[order],
            clip.masks[order][:, fresh],
            torch.from_numpy(self.associator.state.objects).to(order.device),
            clip.queries,
            input_shape,
        )
        frames = copy.deepcopy([frames[index] for index in fresh])
        self.next_frame = frames[-1].frame_id + 1 if frames else self.next_frame
        self.task_output(tracked, frames)
        for frame in frames:
            video = Path(frame.img_path).parent.name
            found = predicted_segments(frame, min_score=self.min_score)
            found = found.select(found.individual)
            if video in self.ids:
                ids = self.truth.matched_ids(video, frame.frame_id, found.masks, found.ids)
                self.ids[video][:, frame.frame_id] = ids


@torch.no_grad()
def link_all(model: torch.nn.Module, config: Config, linkers: Sequence[Linker], frames: int) -> None:
    """Run the network on the config's test data and every linker on its predictions."""
    from mmengine.runner import Runner

    loader = Runner.build_dataloader(config.test_dataloader, seed=0)
    bar, done = ProgressBar('frames', frames), 0
    for batch in loader:
        data = model.data_preprocessor(batch)
        samples = data['data_samples'][0].video_data_samples
        clips = model.track_head.clip_batch(data['inputs'], data['data_samples'], with_targets=False)
        prediction = model.predict_clip(data['inputs'][0], clips)
        for linker in linkers:
            linker.take(prediction, samples, clips.input_shape)
        done = min(frames, done + len(samples))
        bar.step(done)
    bar.close()


def prepare_config(arguments: argparse.Namespace) -> tuple[Config, Path]:
    """Return the config with the generated videos as test data, and their folder.

    Raises:
        ConfigError: The config is exemplar-guided: its ids never change.
    """
    from mmdet.registry import TRANSFORMS

    from gvseg.utils.config import load_config
    from gvseg.utils.pipeline_roles import PipelineRole, role_of

    config = load_config(arguments.config, arguments.cfg_options)
    data = config.test_dataloader.dataset
    if any(role_of(step, TRANSFORMS) == PipelineRole.SHOW_OBJECTS for step in data.pipeline):
        raise ConfigError(
            f'{arguments.config} follows objects that it is shown, whose ids never change: give a config '
            'of the vis or vps task.'
        )
    settings = SplitSettings(
        'occluded', arguments.videos, arguments.frames, arguments.seed, occluders=arguments.occluders
    )
    generate_split(arguments.data, settings, report=ProgressBar('videos', arguments.videos).step)
    data.data_root = str(arguments.data / settings.split / Path(data.data_root).name)
    config.test_dataloader.update(num_workers=0, persistent_workers=False)
    return config, arguments.data / settings.split


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file of the vis or vps task on Moving Shapes')
    parser.add_argument('checkpoint')
    parser.add_argument(
        '--data',
        type=Path,
        default=Path('data/moving_shapes'),
        help='where the videos are generated, in a split named "occluded"',
    )
    parser.add_argument('--videos', type=int, default=20)
    parser.add_argument('--frames', type=int, default=60)
    parser.add_argument('--occluders', type=int, default=1, help='bars in each video')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--min-score', type=float, default=0.3, help='predictions below do not count')
    parser.add_argument('--device', default='cpu')
    add_config_options(parser, '--variant', 'one more associator: key=value ...')
    add_config_options(parser)
    return parser.parse_args(arguments)


def measure(arguments: argparse.Namespace, variants: dict[str, dict]) -> dict[str, tuple[list[Return], list[Return]]]:
    """Returns and controls of every variant of the associator."""
    from gvseg.apis.loading import load_model

    config, folder = prepare_config(arguments)
    truth = TrueTubes(folder)
    model, config = load_model(config, arguments.checkpoint, arguments.device)
    linkers = {name: Linker(config, changes, truth, arguments.min_score) for name, changes in variants.items()}
    link_all(model, config, list(linkers.values()), sum(truth.lengths.values()))
    found: dict[str, tuple[list[Return], list[Return]]] = {}
    for name, linker in linkers.items():
        step = config.clip_length - config.clip_overlap
        cases = [returns_of(ids, truth.visible(video), step) for video, ids in linker.ids.items()]
        found[name] = sum((case[0] for case in cases), []), sum((case[1] for case in cases), [])
    return found


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    variants = dict(VARIANTS)
    if arguments.variant:
        variants[', '.join(f'{key} {value}' for key, value in arguments.variant.items())] = arguments.variant
    print(table(measure(arguments, variants)))


if __name__ == '__main__':
    sys.exit(main())
