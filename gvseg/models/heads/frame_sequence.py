"""Frames of a clip decoded one after another, each with the queries of the one before.

Shapes: B clips, T frames, N queries, C classes, D model width, h w mask pixels.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from gvseg.models.structures import ClipBatch, DecoderOutput

Decode = Callable[[list[Tensor], ClipBatch, bool], DecoderOutput]


def decode_in_sequence(decode: Decode, x: list[Tensor], clips: ClipBatch, every_mask: bool) -> DecoderOutput:
    """Decode clips of T frames as T clips of one frame.

    A tube's class logits and embedding are means over its frames. Ground truth is of tubes: frames are decoded without,
    so cues between layers come from predictions.

    Args:
        decode: features of B * T frames, clips, whether all masks are wanted -> output.
        x: backbone features of B * T frames.
        clips: with the queries of the frame before them, if there is one.
        every_mask: as ``decode`` takes it.
    """
    found: list[DecoderOutput] = []
    last = clips.last_queries
    for index in range(clips.frames):
        frames = [level.unflatten(0, (len(clips), clips.frames))[:, index] for level in x]
        found.append(decode(frames, _frame(clips, index, last), every_mask))
        last = found[-1].final_queries
    return found[0] if clips.frames == 1 else _joined(found)


def _frame(clips: ClipBatch, index: int, last: Tensor | None) -> ClipBatch:
    return replace(
        clips,
        frames=1,
        seeds=[seed + index for seed in clips.seeds],
        targets=None,
        frame_ids=None if clips.frame_ids is None else clips.frame_ids[:, index : index + 1],
        last_queries=last,
    )


def _joined(found: list[DecoderOutput]) -> DecoderOutput:
    """Outputs of T frames as that of their clips."""
    return DecoderOutput(
        classes=[torch.stack(layer).mean(0) for layer in zip(*(frame.classes for frame in found))],
        masks=[torch.cat(layer, 2) for layer in zip(*(frame.masks for frame in found))],
        embeddings=torch.stack([frame.embeddings for frame in found]).mean(0),
        queries=found[0].queries,
        assignments=[None] * len(found[0].classes),
        features=[torch.stack(level, 1).flatten(0, 1) for level in zip(*(frame.features for frame in found))],
        final_queries=found[-1].final_queries,
    )
