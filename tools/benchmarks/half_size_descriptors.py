"""What shape-position descriptors of masks at half resolution would change: descriptors, and results of a model.

    python tools/benchmarks/half_size_descriptors.py --config CONFIG --checkpoint FILE --videos 8

Videos are generated as Moving Shapes, with seeds that no split has. "distance" is |half - full| / |full| of the
descriptors of true masks at the size of a model's masks, "neighbour frame" the same between a mask and that of the next
frame, which is what tells objects apart by motion. Then the model runs as it is and with all its descriptors at half
resolution.
"""

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np

from gvseg.entry import entry_point, load_openmmlab

SPLIT, SIZE = 10_000, (96, 160)
MASKS = (36, 60)  # frames are enlarged to 144 x 240 at test, masks have a quarter of that


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--config', help='of a VIS or VPS model; without it only descriptors are compared')
    parser.add_argument('--checkpoint', help='its weights')
    parser.add_argument('--videos', type=int, default=8)
    parser.add_argument('--frames', type=int, default=12, help='of each video')
    return parser.parse_args(arguments)


def videos(arguments: argparse.Namespace) -> Iterator[list[Any]]:
    """Frames of the generated videos."""
    from gvseg.moving_shapes import render_video

    for number in range(arguments.videos):
        yield list(render_video((0, SPLIT, number), arguments.frames, SIZE))


def compare_descriptors(arguments: argparse.Namespace) -> None:
    """Print distances of descriptors of true masks."""
    import torch
    from torch.nn.functional import interpolate

    from gvseg.core.descriptors import DescriptorSpec, compute_descriptors, descriptor_change

    spec = DescriptorSpec(points=None, binning='soft')  # that of the tiny models
    changes: dict[str, list[float]] = dict(half=[], neighbour=[])
    for frames in videos(arguments):
        maps = torch.from_numpy(np.stack([frame.instances for frame in frames]).astype(np.int64))
        for identity in maps.unique()[1:].tolist():
            whole = (maps == identity)[:, None].float()
            full, half = (
                compute_descriptors(interpolate(whole, size, mode='area')[:, 0] > 0.5, spec, 256)
                for size in (MASKS, (MASKS[0] // 2, MASKS[1] // 2))
            )
            seen = (full.flatten(1).any(1) & half.flatten(1).any(1)).nonzero()[:, 0]
            changes['half'] += descriptor_change(full[seen], half[seen]).tolist()
            both = [place for place in seen.tolist() if place + 1 in seen.tolist()]
            changes['neighbour'] += descriptor_change(full[both], full[[place + 1 for place in both]]).tolist()
    for name, values in changes.items():
        print(f'{name}: {len(values)} masks, median distance {np.median(values):.2f}, mean {np.mean(values):.2f}')


def use_half_size(descriptors: Any) -> None:
    """Let a head's descriptors see masks of half the side."""
    from torch.nn.functional import avg_pool2d

    cues, first_last = descriptors.cues, descriptors.first_last

    def halved(masks: Any) -> Any:
        return avg_pool2d(masks.float(), 2)

    descriptors.cues = lambda masks, size: cues(halved(masks) > 0.5, size / 2)
    descriptors.first_last = lambda logits, present, size, chosen=None: first_last(
        halved(logits), (halved(logits) > 0).flatten(2).any(-1), size / 2, chosen
    )


def identities(sample: Any) -> np.ndarray:
    """(H, W) class and identity of every pixel, or -1; (K, H, W) masks are numbered by their identity."""
    if 'pred_panoptic_seg' in sample:
        return np.asarray(sample.pred_panoptic_seg.sem_seg)[0]
    found, instances = np.full(sample.ori_shape, -1), sample.pred_track_instances
    for place in instances.scores.argsort().tolist():
        if instances.scores[place] >= 0.3:
            found[np.asarray(instances.masks[place])] = int(instances.instances_id[place])
    return found


def compare_results(arguments: argparse.Namespace) -> None:
    """Print how many pixels and segments have the same class and identity."""
    from gvseg.apis import VideoSegmenter

    segmenter, clips = VideoSegmenter(arguments.config, arguments.checkpoint), list(videos(arguments))
    results = []
    for half in (False, True):
        if half:
            use_half_size(segmenter.model.track_head.descriptors)
        results.append(
            [
                [identities(sample) for sample in segmenter.stream([frame.image[..., ::-1] for frame in frames])]
                for frames in clips
            ]
        )
    pairs = [pair for one, other in zip(*results) for pair in zip(one, other)]
    equal = np.mean([np.mean(one == other) for one, other in pairs])
    kept = [identity in other for one, other in pairs for identity in np.unique(one)]
    videos_alike = sum(set(np.unique(np.stack(one))) == set(np.unique(np.stack(other))) for one, other in zip(*results))
    print(
        f'{100 * equal:.1f} % of pixels and {100 * np.mean(kept):.1f} % of {len(kept)} segments keep class and '
        f'identity; {videos_alike} of {len(clips)} videos have the same ones'
    )


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    compare_descriptors(arguments)
    if arguments.config:
        load_openmmlab()
        compare_results(arguments)


if __name__ == '__main__':
    main()
