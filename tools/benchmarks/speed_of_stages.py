"""Time of each stage of video segmentation, and the cost of shape-position cues and association.

Stages run in sequence here, so that each is timed alone; ``video_demo.py`` overlaps them. "network" is
backbone, pixel decoder and transformer decoder without "descriptor" (the computation of shape-position cues).

    python tools/benchmarks/speed_of_stages.py                        # tiny, MobileNetV2 and R-50, a few clips each
    python tools/benchmarks/speed_of_stages.py --config CONFIG --checkpoint FILE --shape 720 1280 --device cuda:0

Untrained weights yield no confident queries, and cues are computed for confident queries only: ``--described`` sets the
number of queries with descriptors per layer for a model without weights.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from gvseg.entry import entry_point
from gvseg.moving_shapes import SplitSettings, generate_split

if TYPE_CHECKING:
    from gvseg.apis import VideoFrame, VideoSegmenter

ROOT = Path(__file__).resolve().parents[2]
STAGES = ('decode', 'prepare', 'network', 'descriptor', 'association', 'post-processing', 'drawing')
PARTS = ('masks of cues', 'bins of cues')
"""Parts of "descriptor" that ``--parts`` shows: products of queries and features, operations on masks in numpy."""
MODELS = (
    ('configs/vps/gvseg-vps_tiny_1xb2-8k_moving-shapes.py', 'weights/gvseg-vps_tiny_moving-shapes.pth', (96, 160)),
    (
        'configs/evs/gvseg-evs_mobilenet-v2_1xb2-2k5_davis-coco128.py',
        'weights/gvseg-evs_mobilenet-v2_davis-coco128.pth',
        (240, 432),
    ),
    ('configs/vps/gvseg-vps_r50_8xb2-10k_vipseg.py', None, (360, 640)),
)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--config', help='one config, instead of the three')
    parser.add_argument('--checkpoint', help='its weights; random ones by default')
    parser.add_argument('--shape', type=int, nargs=2, default=[360, 640], help='height and width, with --config')
    parser.add_argument('--clips', type=int, default=3, help='timed clips, after one warm-up clip')
    parser.add_argument('--described', type=int, default=10, help='queries with descriptors, with random weights')
    parser.add_argument('--parts', action='store_true', help='also time parts of "descriptor", on a CPU')
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    return parser.parse_args(arguments)


class Stopwatch:
    """Seconds per stage; nested stages are not counted twice.

    Args:
        device: device to synchronise at stage boundaries.
    """

    def __init__(self, device: str = 'cpu') -> None:
        self.device, self.seconds = device, defaultdict(float)
        self._open: list[str] = []
        self._since = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Attribute the time to this stage, except that of nested stages."""
        self._turn()
        self._open.append(name)
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    def wrap(self, owner: Any, method: str, name: str) -> None:
        """Time every call of a method of one object."""
        function: Callable = getattr(owner, method)

        def timed(*args, **kwargs):
            with self.stage(name):
                return function(*args, **kwargs)

        set_attribute = setattr if isinstance(owner, (type, ModuleType)) else object.__setattr__
        set_attribute(owner, method, timed)

    def _turn(self) -> None:
        import torch

        if self.device.startswith('cuda'):
            torch.cuda.synchronize(self.device)
        now = time.perf_counter() if self.device.startswith('cuda') else time.process_time()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now


class MostConfident(torch.nn.Module):
    """Compute the cues of a fixed number of queries, those with the highest confidence.

    Args:
        inner: the cue injection; its ``confidence`` is set before each call.
        count: number of queries.
    """

    def __init__(self, inner: torch.nn.Module, count: int) -> None:
        super().__init__()
        self.inner, self.count = inner, count
        self.needs_assignments = inner.needs_assignments

    def forward(self, state: Any) -> torch.Tensor:
        """Cues of the inner module."""
        scores = state.classes.softmax(-1)[..., :-1].max(-1).values.flatten().sort(descending=True).values
        self.inner.confidence = float(scores[min(self.count, len(scores) - 1)])
        return self.inner(state)


def build(config: str, checkpoint: str | None, arguments: argparse.Namespace) -> VideoSegmenter:
    """A segmenter with active cues, with or without weights."""
    from gvseg.apis import VideoSegmenter
    from gvseg.utils.config import load_config

    loaded = load_config(str(config))
    loaded.model.backbone.init_cfg = None
    segmenter = VideoSegmenter(loaded, checkpoint, arguments.device)
    head = segmenter.model.track_head
    if checkpoint is None and head.cue_injection is not None:
        head.cue_injection = MostConfident(head.cue_injection, arguments.described)
    return segmenter


def instrument_parts(watch: Stopwatch) -> None:
    """Time the parts of "descriptor", from now on and in all models."""
    from gvseg.core.descriptors import sparse
    from gvseg.models.heads.mask_prediction import MaskFeatures

    watch.wrap(MaskFeatures, 'tubes', PARTS[0])
    for operation in ('compute_descriptors_sparse', 'clip_descriptor', 'to_query_dim'):
        watch.wrap(sparse, operation, PARTS[1])


def instrument(segmenter: VideoSegmenter, watch: Stopwatch) -> None:
    """Time the stages of a segmenter."""
    model = segmenter.model
    watch.wrap(segmenter, '_segment', 'prepare')
    watch.wrap(model, 'predict', 'network')
    watch.wrap(model.associator, 'track', 'association')
    model.task_output = Timed(model.task_output, watch, 'post-processing')
    watch.wrap(model.track_head.descriptors, 'first_last', 'descriptor')
    if model.track_head.cue_injection is not None:
        watch.wrap(model.track_head.cue_injection, 'forward', 'descriptor')


class Timed:
    """A callable whose calls are timed; attributes are those of the inner one."""

    def __init__(self, inner: Callable, watch: Stopwatch, name: str) -> None:
        self._inner, self._watch, self._name = inner, watch, name

    def __call__(self, *args, **kwargs):
        with self._watch.stage(self._name):
            return self._inner(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def write_video(folder: Path, size: tuple[int, int], frames: int) -> Path:
    """Write Moving Shapes at a given size: masks in noise have much longer outlines than those of things."""
    import cv2

    from gvseg.visualization import VideoFile

    generate_split(folder, SplitSettings('val', 1, frames, seed=0))
    path = folder / 'shapes.mp4'
    with VideoFile(path) as file:
        for picture in sorted((folder / 'val/ytvis/JPEGImages').rglob('*.jpg')):
            file.write(cv2.resize(cv2.imread(str(picture))[..., ::-1], size[::-1]))
    return path


def time_stages(segmenter: VideoSegmenter, size: tuple[int, int], arguments: argparse.Namespace) -> dict[str, float]:
    """Seconds per frame of every stage."""
    from gvseg.apis import VideoSource
    from gvseg.visualization import overlay, predicted_segments

    watch, step = Stopwatch(arguments.device), segmenter.clip_length - segmenter.clip_overlap
    first, total = segmenter.clip_length, segmenter.clip_length + arguments.clips * step
    instrument(segmenter, watch)
    if arguments.parts:
        instrument_parts(watch)
    if segmenter.takes_objects:
        for identity in range(3):
            left = 0.1 + 0.3 * identity
            segmenter.add_object(0, box=(left * size[1], 0.3 * size[0], (left + 0.2) * size[1], 0.6 * size[0]))
    with tempfile.TemporaryDirectory() as folder:
        frames = VideoSource(write_video(Path(folder), size, total)).frames()
        waiting: list[VideoFrame] = []

        def decoded() -> Iterator[np.ndarray]:
            for _ in range(total):
                with watch.stage('decode'):
                    waiting.append(next(frames))
                yield waiting[-1].image

        for result in segmenter.stream(decoded()):
            frame = waiting.pop(0)
            with watch.stage('drawing'):
                overlay(np.ascontiguousarray(frame.image[..., ::-1]), predicted_segments(result, segmenter.class_names))
            if result.frame_id == first - 1:  # the first clip warms up
                watch.seconds.clear()
        frames.close()
    return {name: watch.seconds[name] / (total - first) for name in STAGES + PARTS}


def report(name: str, size: tuple[int, int], seconds: dict[str, float], weights: str) -> float:
    """Print the stages of a model; returns the time of cues and association as a fraction of the network's."""
    shown = STAGES + tuple(part for part in PARTS if seconds[part])
    cues = sum(seconds[stage] for stage in ('descriptor', 'association', *PARTS))
    share = cues / seconds['network']
    print(f'\n{Path(name).stem}, {size[0]}x{size[1]}, {weights}')
    for stage in shown:
        print(f'  {stage:<16} {1000 * seconds[stage]:9.2f} ms a frame {1 / max(seconds[stage], 1e-9):10.1f} frames/s')
    print(f'  {"all":<16} {1000 * sum(seconds.values()):9.2f} ms a frame {1 / sum(seconds.values()):10.1f} frames/s')
    print(f'  (descriptor + association) / network = {100 * share:.1f} %')
    return share


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""

    chosen = (
        [(arguments.config, arguments.checkpoint, tuple(arguments.shape))]
        if arguments.config
        else [(str(ROOT / config), weights and str(ROOT / weights), size) for config, weights, size in MODELS]
    )
    print(f'{arguments.device}, {torch.get_num_threads()} threads, {arguments.clips} clips')
    for config, checkpoint, size in chosen:
        torch.manual_seed(0)
        segmenter = build(config, checkpoint, arguments)
        weights = 'trained' if checkpoint else f'random weights, {arguments.described} queries described'
        report(config, size, time_stages(segmenter, size, arguments), weights)


if __name__ == '__main__':
    sys.exit(main())
