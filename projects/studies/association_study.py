"""Compare association methods on the same predictions: one network with fixed weights, unseen videos.

    python projects/studies/association_study.py    # 96 videos of Moving Shapes, the shipped VPS model
    python projects/studies/association_study.py --seed 77 --videos 40 --cfg-options model.mask_nms=None
    python projects/studies/association_study.py --variant similarity.type=WeightedCues similarity.scale=1.0

The network runs once per clip; predictions are cached on disk, so that a stopped study resumes and another method takes
seconds. A thing is found in a clip by the best confident query with a tube IoU above 0.5. Metrics:

* kept: of the things found in two consecutive clips, those whose queries got the same slot;
* AssA: over a whole video, as in HOTA: of the clips in which this thing was found or this slot was assigned to a thing,
  the fraction with both; the mean over all things in all clips.

Methods are compared with the first two on the same videos: mean difference and its 95 % bootstrap interval over videos.

Descriptors are computed from the cached masks, so their settings can be compared too (``descriptor.binning=hard``).

Shapes: N queries, K things, T frames of a clip, H W frame size, h w mask size.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from association_variants import VARIANTS
from true_tubes import TrueTubes

from gvseg.entry import entry_point
from gvseg.evaluation.functional.measures.bootstrap import paired_bootstrap
from gvseg.evaluation.functional.measures.slot_association import association, best_queries, kept_links
from gvseg.formats.files import atomic_file
from gvseg.moving_shapes import SplitSettings, generate_split
from gvseg.utils.arguments import add_config_options
from gvseg.utils.errors import InputError
from gvseg.utils.progress import ProgressBar

if TYPE_CHECKING:
    from gvseg.core.descriptors import DescriptorSpec
    from gvseg.models.structures import ClipPrediction

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / 'configs/vps/gvseg-vps_tiny_1xb2-8k_moving-shapes.py'
WEIGHTS = ROOT / 'weights/gvseg-vps_tiny_moving-shapes.pth'


class Study:
    """A network with fixed weights, the videos, and its cached predictions.

    Args:
        arguments: of the command line.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        from gvseg.utils.config import load_config

        self.config = load_config(str(arguments.config), arguments.cfg_options)
        self.checkpoint, self.device = arguments.checkpoint, arguments.device
        settings = SplitSettings('val', arguments.videos, arguments.frames, arguments.seed)
        data = arguments.out / f'seed_{arguments.seed}_{arguments.videos}_videos'
        generate_split(data, settings, report=ProgressBar('videos', arguments.videos).step)
        loader = self.config.test_dataloader
        loader.sampler.update(clip_length=arguments.clip_length, overlap=arguments.overlap)
        loader.dataset.data_root = str(data / settings.split / Path(loader.dataset.data_root).name)
        self.truth = TrueTubes(data / settings.split)
        self.cache = data / self._key()
        self.dim = self.config.model.track_head.feat_channels

    def _key(self) -> str:
        """Name of the cache folder for this network and these clips."""
        from mmengine.config import Config

        from gvseg.core.query_set import QuerySet

        parts = Config(dict(model=self.config.model, data=self.config.test_dataloader)).pretty_text
        names = ' '.join(sorted(field.name for field in fields(QuerySet)))
        return hashlib.sha256(f'{parts} {names}'.encode() + Path(self.checkpoint).read_bytes()).hexdigest()[:16]

    def videos(self) -> dict[str, list[dict]]:
        """Clips of each video by its name, predicted if they are not cached."""
        import torch
        from mmdet.registry import DATA_SAMPLERS, DATASETS
        from mmengine.registry import init_default_scope

        from gvseg.apis.loading import load_model

        init_default_scope(self.config.get('default_scope', 'mmdet'))
        dataset = DATASETS.build(self.config.test_dataloader.dataset)
        wanted: dict[int, list] = defaultdict(list)
        for index in DATA_SAMPLERS.build(dict(self.config.test_dataloader.sampler, dataset=dataset)):
            wanted[index[0]].append(index)
        self.cache.mkdir(parents=True, exist_ok=True)
        model, found, bar = None, {}, ProgressBar('network', len(wanted), unit='videos')
        for done, (video, indices) in enumerate(wanted.items(), 1):
            path = self.cache / f'{video:05d}.pt'
            if not path.is_file():
                model = model or load_model(self.config, self.checkpoint, self.device)[0]
                content = [self._predict(model, dataset[index]) for index in indices]
                with atomic_file(path) as file:
                    torch.save(content, file)
            found[str(video)] = torch.load(path, weights_only=True)
            bar.step(done)
        bar.close()
        return found

    @torch.no_grad()
    def _predict(self, model: torch.nn.Module, item: dict) -> dict:
        """Inputs of association for a clip, and the query of each ground-truth thing."""
        import torch
        from mmengine.dataset import pseudo_collate

        from gvseg.core.query_set import QuerySet

        data = model.data_preprocessor(pseudo_collate([item]))
        clips = model.track_head.clip_batch(data['inputs'], data['data_samples'], with_targets=False)
        clip = model.predict_clip(data['inputs'][0], clips)
        masks = clip.tubes.cpu()
        size = (clips.real_shapes[0] * (masks.shape[-2] / clips.input_shape[0])).round().int().tolist()
        first = data['data_samples'][0].video_data_samples[0]
        truth = self.truth.masks(Path(first.img_path).parent.name, clip.frames.tolist(), tuple(size))
        confident = (clip.confidence > model.associator.confidence).numpy(force=True)
        queries = {field.name: getattr(clip.queries, field.name) for field in fields(QuerySet)}
        queries.update(feature=queries['feature'][..., :0].clone(), position=queries['position'][..., :0].clone())
        return dict(
            probabilities=clip.probabilities.cpu(),
            embeddings=clip.embeddings.cpu(),
            frames=clip.frames.cpu(),
            masks=torch.from_numpy(np.packbits(masks.numpy())),
            shape=list(masks.shape),
            size=size,
            queries={name: value if value is None else value.cpu() for name, value in queries.items()},
            things=torch.from_numpy(
                best_queries(truth.flatten(1).numpy(), masks[..., : size[0], : size[1]].flatten(1).numpy(), confident)
            ),
        )

    def score(self, videos: dict[str, list[dict]], changes: dict) -> Score:
        """Score of one association method."""
        from mmdet.registry import TASK_UTILS

        from gvseg.core.descriptors import DescriptorSpec

        changes = copy.deepcopy(changes)
        spec = DescriptorSpec(**{**self.config.model.track_head.get('descriptor', {}), **changes.pop('descriptor', {})})
        associator = TASK_UTILS.build({'type': 'SPAAssociator', **changes})
        slots = [np.stack(list(self._slots(clips, associator, spec))) for clips in videos.values()]
        return Score(*(np.array([measure(video) for video in slots]) for measure in (kept_links, association)))

    def _slots(self, clips: list[dict], associator: object, spec: DescriptorSpec) -> Iterator[np.ndarray]:
        """Slot of each ground-truth thing in each clip, -1: not found, (K,)."""
        associator.reset()
        for clip in clips:
            slots, things = associator.track(prediction(clip, spec, self.dim)).numpy(), clip['things'].numpy()
            yield np.where(things >= 0, slots[things], -1)


def prediction(clip: dict, spec: DescriptorSpec, dim: int) -> ClipPrediction:
    """A cached clip with its descriptors."""

    from gvseg.core.descriptors import compute_descriptors, end_frames
    from gvseg.core.query_set import QuerySet
    from gvseg.models.structures import ClipPrediction, has_pixels

    count = int(np.prod(clip['shape']))
    masks = torch.from_numpy(np.unpackbits(clip['masks'].numpy(), count=count)).view(clip['shape']).bool()
    logits = masks.float() - 0.5
    present = has_pixels(logits)
    rows = torch.arange(len(masks))[:, None]
    size = torch.tensor(clip['size'], dtype=torch.float32)
    return ClipPrediction(
        probabilities=clip['probabilities'],
        masks=logits,
        embeddings=clip['embeddings'],
        descriptors=compute_descriptors(masks[rows, end_frames(present)], spec, dim, size),
        present=present,
        queries=QuerySet(**clip['queries']),
        features=[],
        frames=clip['frames'],
    )


class Score(NamedTuple):
    """Sums and counts of each video, each (V, 2).

    Attributes:
        kept: links kept, and links.
        assa: sum of the association scores of all found things in all clips, and their number.
    """

    kept: np.ndarray
    assa: np.ndarray


def table(scores: dict[str, Score], samples: int) -> str:
    """Markdown table: kept links and AssA of each method, and the differences to the first two methods, in points."""
    references = list(scores)[:2]
    titles = [
        f'{measure}{more}'
        for measure in ('kept', 'AssA')
        for more in ('', *(f', more than {name}' for name in references))
    ]
    lines = [f'| links | {" | ".join(titles)} |', '|---' * (len(titles) + 1) + '|']
    for name, score in scores.items():
        cells = [
            cell
            for index, counts in enumerate(score)
            for cell in (
                f'{100 * counts[:, 0].sum() / max(counts[:, 1].sum(), 1):.1f} of {counts[:, 1].sum():.0f}',
                *(compared(scores[other][index], counts, samples) if name != other else '-' for other in references),
            )
        ]
        lines.append(f'| {name} | {" | ".join(cells)} |')
    return '\n'.join(lines)


def compared(reference: np.ndarray, counts: np.ndarray, samples: int) -> str:
    """``+1.2 (+0.3 to +2.0)``: difference of the second to the first in percentage points; both (V, 2)."""
    shares = [values[:, 0] / np.maximum(values[:, 1], 1) for values in (reference, counts)]
    difference = paired_bootstrap(*shares, samples, weights=counts[:, 1])
    return '{:+.1f} ({:+.1f} to {:+.1f})'.format(*(100 * value for value in difference))


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--config', type=Path, default=CONFIG, help='of the vis or vps task on Moving Shapes')
    parser.add_argument('--checkpoint', type=Path, default=WEIGHTS)
    parser.add_argument('--out', type=Path, default=ROOT / 'work_dirs/association_study', help='videos and cache')
    parser.add_argument('--videos', type=int, default=96)
    parser.add_argument('--frames', type=int, default=30, help='of each video')
    parser.add_argument('--seed', type=int, default=424242)
    parser.add_argument('--clip-length', type=int, default=3)
    parser.add_argument('--overlap', type=int, default=0, help='frames that a clip shares with the one before')
    parser.add_argument('--samples', type=int, default=10000, help='draws of the bootstrap')
    add_config_options(parser, '--variant', 'one more association method: key=value ...')
    add_config_options(parser)
    parser.add_argument('--device', default='cpu')
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from mmengine.config import Config

    variants = dict(VARIANTS)
    if arguments.variant:
        nested = Config(dict(changes={}))
        nested.merge_from_dict({f'changes.{key}': value for key, value in arguments.variant.items()})
        variants[', '.join(f'{key}={value}' for key, value in arguments.variant.items())] = nested.changes.to_dict()
    if not arguments.checkpoint.is_file():
        raise InputError(f'{arguments.checkpoint} does not exist: give the weights by --checkpoint')
    study = Study(arguments)
    videos = study.videos()
    print(table({name: study.score(videos, changes) for name, changes in variants.items()}, arguments.samples))


if __name__ == '__main__':
    sys.exit(main())
