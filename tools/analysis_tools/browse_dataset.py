"""Draw the training or test items of a config as PNGs.

    python tools/analysis_tools/browse_dataset.py configs/vps/gvseg-vps_tiny_1xb2-8k_moving-shapes.py

A training item is drawn as its key clip, its reference clips, both with masks, ids and classes, and a table of the
contrastive pairs: "+" positive, "-" negative, for pairs of one object with the change of its descriptor (Eq. 10).
Points are exemplars.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gvseg.entry import entry_point
from gvseg.utils.arguments import add_config_options

if TYPE_CHECKING:
    import torch
    from mmengine.config import Config

    from gvseg.models.structures import MatchedQueries
    from gvseg.visualization.segments import FrameSegments

GREEN, RED, WHITE = (170, 225, 170), (245, 190, 185), (255, 255, 255)
CELL, WIDTH = 26, 320  # height of a table row and width of a frame, pixels


class Pairs:
    """Label the contrastive pairs of an item by the rule of a config, from ground truth.

    Args:
        config: its ``model.track_head`` has the descriptor and the contrastive loss; both may be missing.
    """

    def __init__(self, config: Config) -> None:
        from mmdet.registry import TASK_UTILS

        from gvseg.core.descriptors import DescriptorSpec

        head = config.get('model', {}).get('track_head', {})
        contrastive = head.get('contrastive') or {}
        self.sampler = TASK_UTILS.build(contrastive.get('sampler') or dict(type='TCLSampler'))
        self.first, self.end = contrastive.get('semantic_classes') or (0, 0)
        self.spec = DescriptorSpec(**(head.get('descriptor') or {}))
        self.dim = head.get('feat_channels', 256)

    def tubes(self, clips: Sequence[Sequence[FrameSegments]]) -> tuple[MatchedQueries, list[str], np.ndarray]:
        """Tubes of the clips, their names and colours (K, 3)."""
        import torch

        from gvseg.core.descriptors import clip_descriptor, compute_descriptors
        from gvseg.models.structures import MatchedQueries
        from gvseg.visualization.drawing import segment_colours

        ids, labels, descriptors, names, colours = [], [], [], [], []
        for number, clip in enumerate(clips):
            known = {(not one, int(i)) for frame in clip for one, i in zip(frame.individual, frame.ids)}
            for region, identity in sorted(known):  # things first
                rows = [np.flatnonzero((frame.ids == identity) & (frame.individual != region)) for frame in clip]
                size = clip[0].masks.shape[1:]
                masks = np.stack(
                    [frame.masks[row[0]] if len(row) else np.zeros(size, bool) for frame, row in zip(clip, rows)]
                )
                shown, row = next((frame, row[0]) for frame, row in zip(clip, rows) if len(row))
                tube = torch.from_numpy(masks)
                descriptors.append(
                    clip_descriptor(compute_descriptors(tube, self.spec, self.dim, size), tube.flatten(1).any(1))
                )
                ids.append(identity)
                labels.append(int(shown.labels[row]))
                names.append(
                    f'{"" if region else identity} {shown.name(row)}' + (f' [{number + 1}]' if len(clips) > 1 else '')
                )
                colours.append(segment_colours(shown)[row])
        stack = torch.stack(descriptors) if descriptors else torch.zeros(0, self.spec.angle_bins, self.spec.radius_bins)
        empty = torch.zeros(len(ids), 0)
        return (
            MatchedQueries(torch.tensor(ids).long(), torch.tensor(labels).long(), empty, empty, stack),
            names,
            np.array(colours, np.uint8).reshape(-1, 3),
        )

    def semantic(self, labels: torch.Tensor) -> torch.Tensor:
        """Whether each class is matched by class instead of by id, (K,) bool."""
        return (labels >= self.first) & (labels < self.end)

    def labelled(self, key: MatchedQueries, references: MatchedQueries) -> tuple[torch.Tensor, torch.Tensor]:
        """(K, M): 1 positive, -1 negative, 0 not compared; and the change of descriptors."""
        import torch

        from gvseg.core.descriptors import descriptor_change

        signs = torch.zeros(len(key.ids), len(references.ids)).long()
        things, theirs = ~self.semantic(key.labels), ~self.semantic(references.labels)
        for mine, others, pairs in (
            (things, theirs, self.sampler.instance_pairs(key, references)),
            (~things, ~theirs, self.sampler.class_pairs(key.labels, references.labels)),
        ):
            both = mine[:, None] & others[None]
            signs[both & pairs.positive], signs[both & (pairs.negative | pairs.changed)] = 1, -1
        return signs, descriptor_change(key.descriptors[:, None], references.descriptors[None])


def pair_table(pairs: Pairs, clips: Sequence[Sequence[FrameSegments]], width: int) -> np.ndarray:
    """(h, width, 3) RGB table: key tubes in rows, reference tubes in columns, as many as fit."""
    key, key_names, key_colours = pairs.tubes(clips[:1])
    others, other_names, other_colours = pairs.tubes(clips[1:])
    signs, change = pairs.labelled(key, others)
    column = 74
    shown = max(0, (width - 190) // column)
    table = np.full((CELL * (len(key.ids) + 1), width, 3), 255, np.uint8)
    for place, (name, colour) in enumerate(zip(other_names[:shown], other_colours)):
        _cell(table, 0, 190 + place * column, column, name, colour)
    if len(other_names) > shown:
        _cell(table, 0, 0, 190, f'+{len(other_names) - shown} more to the right', WHITE)
    for row, (name, colour) in enumerate(zip(key_names, key_colours), 1):
        _cell(table, row, 0, 190, name, colour)
        for place in range(min(shown, len(other_names))):
            sign = int(signs[row - 1, place])
            same = bool(key.ids[row - 1] == others.ids[place]) and not bool(pairs.semantic(key.labels[row - 1]))
            text = {1: '+', -1: '-', 0: ''}[sign] + (f' {float(change[row - 1, place]):.2f}' if same and sign else '')
            _cell(table, row, 190 + place * column, column, text, {1: GREEN, -1: RED, 0: WHITE}[sign])
    return table


def _cell(table: np.ndarray, row: int, left: int, width: int, text: str, colour: Sequence[int]) -> None:
    """Draw a cell with text on a light shade of a colour."""
    from gvseg.visualization.drawing import text_bar

    light = (np.asarray(colour, float) + 255) / 2
    cell = table[row * CELL : (row + 1) * CELL, left : left + width]
    bar = text_bar(text, cell.shape[1], CELL, 0.45)
    cell[:] = np.minimum(bar, light.astype(np.uint8))
    cell[-1] = cell[:, -1] = 200


def frame_image(inputs: torch.Tensor, sample: Any, segments: FrameSegments | None) -> np.ndarray:
    """A frame (3, H, W) BGR with its segments and exemplar points, RGB."""
    import cv2

    from gvseg.visualization.drawing import overlay

    image = np.ascontiguousarray(inputs.permute(1, 2, 0).numpy()[..., ::-1])
    drawn = image if segments is None else overlay(image, segments)
    drawn = cv2.resize(drawn, None, fx=max(1, 320 / drawn.shape[1]), fy=max(1, 320 / drawn.shape[1]))
    if 'exemplars' in sample:
        scale = drawn.shape[1] / image.shape[1]
        for points in sample.exemplars.points.numpy():
            for x, y in points * scale:
                cv2.circle(drawn, (int(x), int(y)), 3, (255, 255, 255), -1, cv2.LINE_AA)
                cv2.circle(drawn, (int(x), int(y)), 2, (220, 0, 0), -1, cv2.LINE_AA)
    return drawn


def item_sheet(item: dict, class_names: Sequence[str], pairs: Pairs, title: str) -> np.ndarray:
    """One item as an image, RGB."""
    from gvseg.visualization.drawing import legend
    from gvseg.visualization.layout import contact_sheet, sheet_width
    from gvseg.visualization.segments import true_segments

    frames = list(item['data_samples'].video_data_samples)
    length = item['data_samples'].clip_length
    truth = [true_segments(frame, class_names) for frame in frames]
    images = [frame_image(pixels, frame, segments) for pixels, frame, segments in zip(item['inputs'], frames, truth)]
    starts = range(0, len(frames), length)
    rows = [images[start : start + length] for start in starts]
    names = [
        ('reference: ' if start else 'key: ') + ', '.join(str(f.frame_id) for f in frames[start : start + length])
        for start in starts
    ]
    known = [segments for segments in truth if segments is not None]
    parts = [legend(known, sheet_width(length, WIDTH))] if known else []
    if len(rows) > 1 and len(known) == len(truth):
        clips = [truth[start : start + length] for start in starts]
        parts.append(pair_table(pairs, clips, sheet_width(length, WIDTH)))
    return contact_sheet(
        rows, names, [f'frame {i + 1}' for i in range(length)], title, np.vstack(parts) if parts else None, WIDTH
    )


def first_clips(dataset: Any, count: int, clip_length: int) -> list[tuple[int, list[int]]]:
    """First clips of evenly spaced videos."""
    from gvseg.core.frame_sampling import clip_frames, clip_starts

    videos = sorted(set(np.linspace(0, len(dataset) - 1, min(count, len(dataset))).astype(int).tolist()))
    lengths = {video: dataset.get_len_per_video(video) for video in videos}
    return [
        (video, clip_frames(clip_starts(lengths[video], clip_length, 0)[0], clip_length, lengths[video]))
        for video in videos
    ]


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/browse'), help='folder of the PNGs')
    parser.add_argument('--mode', choices=('train', 'val', 'test'), default='train', help='which dataloader')
    parser.add_argument('--items', type=int, default=8)
    parser.add_argument('--draw', type=int, default=0, help='number of the first draw of training items')
    add_config_options(parser)
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    import cv2
    from mmdet.registry import DATASETS
    from mmengine.registry import init_default_scope

    from gvseg.utils.config import check_parts, load_config

    config = load_config(arguments.config, arguments.cfg_options)
    check_parts(config, arguments.config)
    init_default_scope('mmdet')
    loader = config[f'{arguments.mode}_dataloader']
    dataset = DATASETS.build(loader.dataset)
    if arguments.mode == 'train':
        videos = np.linspace(0, len(dataset) - 1, arguments.items).astype(int).tolist()
        wanted = [(video, arguments.draw + number) for number, video in enumerate(videos)]
    else:
        wanted = first_clips(dataset, arguments.items, loader.sampler.clip_length or 3)
    pairs = Pairs(config)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number, index in enumerate(wanted):
        item = dataset[index]
        frame = item['data_samples'].video_data_samples[0]
        sheet = item_sheet(item, dataset.metainfo.get('classes', ()), pairs, f'{arguments.mode}: {frame.video_id}')
        path = arguments.out / f'{arguments.mode}_{number:03d}.png'
        cv2.imwrite(str(path), sheet[..., ::-1])
        print(path)


if __name__ == '__main__':
    sys.exit(main())
