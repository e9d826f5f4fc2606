"""Draw the association of two consecutive clips.

    python tools/analysis_tools/explain_match.py VIDEO --task vps --frame 12 --out match.png
    python tools/analysis_tools/explain_match.py VIDEO --config CONFIG --checkpoint FILE --clip 4

From above: the last frame before the clip and its first one, with masks and slots; the affinity of remembered slots
(rows) and the clip's queries (columns) by appearance, by shape and position, and by both, and the score that a
trajectory associator computes from it, with the assigned pairs framed; the stored descriptors of ``--slots``, drawn on
the previous frame.

Shapes: N slots, T frames, H W frame size.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gvseg.cli.model_choice import add_model_choice, chosen_model, parse_model_choice
from gvseg.entry import entry_point
from gvseg.utils.errors import InputError
from gvseg.utils.work_dir import prepare_output_file

if TYPE_CHECKING:
    import torch

    from gvseg.apis import VideoSegmenter
    from gvseg.models.structures import ClipPrediction, TrackedClip

ROW_HEIGHT = 460
GAP = 12


@dataclass
class Match:
    """State of the association of one clip.

    Attributes:
        wanted: number of the clip, from 1.
        clips: clips processed so far.
        before: the associator's state before the clip.
        clip: prediction of the network.
        slots: slot of each query, (N,).
        scores: scores of a trajectory associator, (N, N); ``None``: the affinity is used.
        masks: masks (N, H, W) of all slots in the previous frame and in the clip's first frame.
        frames: results of the two frames.
    """

    wanted: int
    clips: int = -1
    before: object = None
    clip: ClipPrediction | None = None
    slots: torch.Tensor | None = None
    scores: np.ndarray | None = None
    masks: list = field(default_factory=list)
    frames: list = field(default_factory=list)


def watch(model: torch.nn.Module, match: Match) -> None:
    """Record the inputs of the associator and the task output for the wanted clip and the previous one."""
    from gvseg.models.task_outputs.base import resize_logits
    from gvseg.models.tracking import TrajectoryAssociator

    step, output = model.associator.track, model.task_output
    pair_scores = model.associator._pair_scores if isinstance(model.associator, TrajectoryAssociator) else None

    def noted_step(clip: ClipPrediction) -> torch.Tensor:
        match.clips += 1
        before = copy.deepcopy(model.associator.state) if match.clips == match.wanted else None
        slots = step(clip)
        if match.clips == match.wanted:
            match.before, match.clip, match.slots = before, clip, slots
        return slots

    def noted_scores(*pair: object) -> tuple[np.ndarray, np.ndarray]:
        scores, near = pair_scores(*pair)
        if match.clips == match.wanted:
            match.scores = scores
        return scores, near

    def noted_output(clip: TrackedClip, frames: list) -> None:
        output(clip, frames)
        if match.clips in (match.wanted - 1, match.wanted):
            index = 0 if match.clips == match.wanted else len(frames) - 1
            match.masks.append((resize_logits(clip.masks[:, index], clip, frames[index]) > 0).cpu().numpy())
            match.frames.append(copy.deepcopy(frames[index]))

    model.associator.track, model.task_output = noted_step, noted_output
    model.associator.described = lambda probabilities, queries: queries.is_thing | True
    if pair_scores is not None:
        model.associator._pair_scores = noted_scores


def affinities(associator, match: Match) -> tuple[dict[str, np.ndarray], list[int], list[int]]:
    """Affinity or score (rows, columns) by title, the slots of the rows and the queries of the columns.

    Rows are slots in memory; columns are confident queries and those assigned to one of these slots.
    """
    from gvseg.models.tracking.detections import Detections

    clip = Detections.of(match.clip, associator.confidence)
    old = associator.cues(match.before.embeddings, match.before.descriptors, clip.is_thing)
    new = associator.cues(clip.embeddings, clip.first, clip.is_thing)
    rows = (match.before.age <= associator.memory).nonzero()[0].tolist()
    confident = clip.confidence > associator.confidence
    columns = [query for query, slot in enumerate(match.slots.tolist()) if confident[query] or slot in rows]
    cues = {'appearance': (True, False), 'shape and position': (False, True), 'both': (True, True)}
    tables = {
        f'affinity by {name}': associator.similarity(old.only(*used), new.only(*used)) for name, used in cues.items()
    }
    if match.scores is not None:
        tables['score with overlap, motion, size, class'] = match.scores
    return {name: table[rows][:, columns] for name, table in tables.items()}, rows, columns


def frame_row(match: Match, images: list[np.ndarray], names: tuple) -> list[np.ndarray]:
    """The two frames with what was predicted, RGB."""
    import cv2

    from gvseg.visualization.drawing import overlay
    from gvseg.visualization.segments import predicted_segments

    drawn = []
    for image, frame in zip(images, match.frames):
        factor = max(1, round(ROW_HEIGHT / image.shape[0]))
        large = cv2.resize(
            overlay(image, predicted_segments(frame, names, 0.3)),
            None,
            fx=factor,
            fy=factor,
            interpolation=cv2.INTER_NEAREST,
        )
        drawn.append(large)
    return drawn


def beside(images: list[np.ndarray]) -> np.ndarray:
    """Concatenate images of one height horizontally."""
    import cv2

    cells = []
    for image in images:
        width = max(1, round(image.shape[1] * ROW_HEIGHT / image.shape[0]))
        cells += [
            cv2.resize(np.ascontiguousarray(image), (width, ROW_HEIGHT), interpolation=cv2.INTER_AREA),
            np.full((ROW_HEIGHT, GAP, 3), 255, np.uint8),
        ]
    return np.hstack(cells[:-1])


def below(rows: list[np.ndarray]) -> np.ndarray:
    """Concatenate rows vertically, padded with white."""
    width = max(row.shape[1] for row in rows)
    return np.vstack([np.pad(row, ((0, GAP), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows])


def wanted_clip(segmenter: VideoSegmenter, arguments: argparse.Namespace) -> int:
    """Number of the clip, from 1.

    Raises:
        InputError: The frame is in the first clip.
    """
    if arguments.frame is None:
        return arguments.clip
    step = segmenter.clip_length - segmenter.clip_overlap
    if arguments.frame < segmenter.clip_length:
        raise InputError(
            f'Frame {arguments.frame} is in the first clip, which has no previous clip: --frame '
            f'must be {segmenter.clip_length} or more.'
        )
    return -(-(arguments.frame - segmenter.clip_length + 1) // step)


def explain(arguments: argparse.Namespace) -> np.ndarray:
    """Draw the figure, RGB.

    Raises:
        InputError: The video has no such clip.
    """
    from gvseg.apis import VideoSegmenter, VideoSource
    from gvseg.visualization.plots import plot_affinity, plot_descriptor

    config, checkpoint = chosen_model(arguments)
    segmenter = VideoSegmenter(config, checkpoint, arguments.device)
    if segmenter.takes_objects:
        raise InputError(f'{config} is exemplar-guided, its slots are fixed: give a VIS, VSS or VPS model.')
    match, images = Match(wanted_clip(segmenter, arguments)), {}
    watch(segmenter.model, match)
    for frame, result in segmenter.segment_with_frames(VideoSource(arguments.video)):
        images[result.frame_id] = np.ascontiguousarray(frame.image[..., ::-1])
        images.pop(result.frame_id - 2 * segmenter.clip_length - 1, None)
        if len(match.frames) == 2 and match.frames[1].frame_id in images:
            break
    if len(match.frames) < 2:
        raise InputError(
            f'{arguments.video} has {match.clips + 1} clips: --clip must be 1 to {match.clips}, not {match.wanted}.'
        )
    shown = [images[frame.frame_id] for frame in match.frames]
    tables, rows, columns = affinities(segmenter.model.associator, match)
    slots = match.slots.tolist()
    pairs = [columns.index(slots.index(row)) if slots.index(row) in columns else -1 for row in rows]
    names = [f'slot {row}' for row in rows], [f'query {query} > {slots[query]}' for query in columns]
    plots = [plot_affinity(table, pairs, *names, title) for title, table in tables.items()] if rows and columns else []
    chosen = [slot for slot in arguments.slots or rows[:3] if match.masks[0][slot].any()]
    polar = [
        plot_descriptor(
            shown[0], match.masks[0][slot], match.before.descriptors[slot], title=f'slot {slot} as remembered'
        )
        for slot in chosen
    ]
    return below([beside(row) for row in (frame_row(match, shown, segmenter.class_names), plots, polar) if row])


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('video', help='file or folder of frames')
    add_model_choice(parser)
    parser.add_argument('--clip', type=int, default=1, help='number of the clip to explain, from 1')
    parser.add_argument('--frame', type=int, help='the clip of this frame, from 0, instead of --clip')
    parser.add_argument('--slots', type=int, nargs='+', help='slots to draw descriptors of; default: the first three')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/match.png'))
    parser.add_argument('--device', default='cpu')
    return parse_model_choice(parser, arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from gvseg.visualization import write_png

    prepare_output_file(arguments.out)
    picture = explain(arguments)
    write_png(arguments.out, picture)
    print(f'written: {arguments.out}')


if __name__ == '__main__':
    sys.exit(main())
