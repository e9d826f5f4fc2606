"""Accuracy of appearance and shape-position cues in matching real objects, without training GvSeg.

Instances of photos are animated (pseudo videos of real pixels); the embedding of an instance is the mean of an
ImageNet network's features over its mask, the descriptor comes from the mask. Objects of two frames some frames apart
are matched one to one by each variant of Eq. 6; prints the fraction of correct matches, with a bootstrap interval over
photos of its difference to appearance alone.

    python tools/model_converters/torchvision_mobilenet_v2.py mobilenet_v2-b0353104.pth backbone.pth
    python projects/studies/association_on_real_tracks.py PHOTOS backbone.pth     # images/, labels/ in YOLO form
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from gvseg.entry import entry_point
from gvseg.evaluation.functional.measures.bootstrap import paired_bootstrap
from gvseg.utils.progress import ProgressBar

GAPS = (1, 3, 10, 30)
DIM = 256
MEAN, STD = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
VARIANTS = {
    'appearance': (dict(type='CueSum'), True, False),
    'shape-position': (dict(type='CueSum'), False, True),
    'Eq. 6 as written (raw)': (dict(type='CueSum'), True, True),
    'q-hat of unit length': (dict(type='CueSum', normalize='unit'), True, True),
    'both of unit length': (dict(type='CueSum', normalize='unit', unit_cues=True), True, True),
    'cosine + 0.5 cosine': (dict(type='WeightedCues', shape_similarity='cosine'), True, True),
    'cosine + 0.5 centred cosine': (dict(type='WeightedCues', shape_similarity='centred'), True, True),
    'cosine + 0.5 exp(-dH / 0.3)': (dict(type='WeightedCues', scale=0.3), True, True),
    'cosine + 0.2 exp(-dH / 0.5)': (dict(type='WeightedCues', scale=0.5, shape_weight=0.2), True, True),
}


def pseudo_videos(root: Path, length: int, twin: float) -> object:
    """Dataset of photos as videos of ``length`` frames, in which up to eight instances move."""
    from mmdet.registry import DATASETS

    return DATASETS.build(
        dict(
            type='COCOPseudoVideoDataset',
            data_root=str(root),
            data_prefix=dict(img_path='images', label_path='labels'),
            pipeline=[
                dict(type='TemporalContrastiveFrameSample', clip_length=1, num_references=0),
                dict(type='LoadClipFrames'),
                dict(type='LoadClipAnnotations'),
                dict(type='ClipResize', short_sides=(240,)),
                dict(type='PseudoVideo', clip_length=length, num_references=0, length=length, max_objects=8, twin=twin),
            ],
        )
    )


def backbone(weights: Path) -> torch.nn.Module:
    """ImageNet's MobileNetV2 up to stride 16."""
    from mmdet.registry import MODELS

    from gvseg.utils.checkpoint import read_state

    network = MODELS.build(dict(type='MobileNetV2Features', out_indices=(4,)))
    state = {name.removeprefix('backbone.'): value for name, value in read_state(str(weights)).items()}
    network.load_state_dict({name: value for name, value in state.items() if name in network.state_dict()})
    network.eval()  # mmdet's eval() returns None
    return network


@torch.no_grad()
def objects_of(network: torch.nn.Module, item: dict) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Ids (K,), embeddings (K, D) of length sqrt(D) as after layer norm, descriptors (K, u, v) of every frame."""
    import torch.nn.functional as F

    from gvseg.core.descriptors import DescriptorSpec, compute_descriptors

    frames = []
    for image, masks, ids in zip(item['img'], item['gt_masks'], item['gt_instances_ids']):
        tubes = torch.from_numpy(np.asarray(masks.masks, bool))
        pixels = torch.from_numpy((image[..., ::-1] - MEAN) / STD).permute(2, 0, 1)[None].float()
        features = network(pixels)[0][0]
        weights = F.interpolate(tubes[None].float(), features.shape[-2:], mode='area')[0]
        means = torch.einsum('khw,chw->kc', weights, features) / weights.sum((1, 2)).clamp(min=1e-6)[:, None]
        length = means.norm(dim=1, keepdim=True).clamp(min=1e-6)
        spec = DescriptorSpec(points=200, binning='hard')
        described = compute_descriptors(tubes, spec, DIM).numpy()
        frames.append((np.asarray(ids), (means / length * DIM**0.5).numpy(), described))
    return frames


def right_matches(first: tuple, second: tuple, similarity: object, looks: bool, shape: bool) -> tuple[int, int]:
    """Correct matches between two frames, and objects that are in both."""
    from gvseg.core.tracking.assignment import hungarian_match
    from gvseg.models.tracking.similarity import MatchCues

    cues = [
        MatchCues(part[1], part[2], np.full(len(part[0]), looks), np.full(len(part[0]), shape))
        for part in (first, second)
    ]
    matched = hungarian_match(similarity(*cues))
    both = np.isin(first[0], second[0])
    right = [both[row] and query >= 0 and second[0][query] == first[0][row] for row, query in enumerate(matched)]
    return int(np.sum(right)), int(both.sum())


def study(root: Path, weights: Path, photos: int, twin: float) -> dict[str, np.ndarray]:
    """Correct matches and objects of every photo with at least two objects: variant -> (photos, gaps, 2)."""
    from mmdet.registry import TASK_UTILS

    data, network, found = pseudo_videos(root, max(GAPS) + 6, twin), backbone(weights), {name: [] for name in VARIANTS}
    data.full_init()
    parts = {name: (TASK_UTILS.build(config), looks, shape) for name, (config, looks, shape) in VARIANTS.items()}
    bar = ProgressBar('photos', min(photos, len(data)))
    for index in range(min(photos, len(data))):
        item = data.prepare_data((index, 0))
        bar.step(index + 1)
        if item is None or max(map(len, item['gt_instances_ids'])) < 2:
            continue
        frames = objects_of(network, item)
        for name, (similarity, looks, shape) in parts.items():
            found[name].append(
                [
                    np.sum([right_matches(a, b, similarity, looks, shape) for a, b in zip(frames, frames[gap:])], 0)
                    for gap in GAPS
                ]
            )
    return {name: np.array(counts) for name, counts in found.items()}


def table(found: dict[str, np.ndarray]) -> str:
    """Markdown table: percentage of correct matches at every gap, and its difference to appearance alone."""
    lines = [f'| matched by | {" | ".join(f"{gap} frames apart" for gap in GAPS)} |', '|---' * (len(GAPS) + 1) + '|']
    base = next(iter(found.values()))
    for name, counts in found.items():
        cells = []
        for gap in range(len(GAPS)):
            right, total = counts[:, gap].T
            share = [100 * part[:, gap, 0] / np.maximum(total, 1) for part in (base, counts)]
            cell = f'{100 * right.sum() / total.sum():.1f}'
            if counts is not base:
                cell += ' ({:+.1f}: {:+.1f} to {:+.1f})'.format(*paired_bootstrap(*share, weights=total))
            cells.append(cell)
        lines.append(f'| {name} | {" | ".join(cells)} |')
    return '\n'.join(lines)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('root', type=Path, help='folder with images/ and labels/ (polygons in YOLO form)')
    parser.add_argument('weights', type=Path, help='ImageNet weights of MobileNetV2, converted')
    parser.add_argument('--photos', type=int, default=150)
    parser.add_argument('--twin', type=float, default=0.3, help='fraction of photos with a copied instance')
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from mmengine.registry import DefaultScope

    with DefaultScope.overwrite_default_scope('mmdet'):
        found = study(arguments.root, arguments.weights, arguments.photos, arguments.twin)
        print(f'{len(next(iter(found.values())))} photos with at least two objects')
        print(table(found))


if __name__ == '__main__':
    sys.exit(main())
