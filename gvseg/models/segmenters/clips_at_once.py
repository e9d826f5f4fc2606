"""The network on several clips at once: it knows nothing of a video, whose state the segmenter keeps.

Shapes: B clips, T frames, H W network input.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from mmdet.structures import TrackDataSample
from torch import Tensor

from gvseg.models.structures import DecoderOutput


def alone(inputs: Tensor, sample: TrackDataSample) -> Tensor:
    """A clip as if it were a batch of its own: (T, 3, H, W) without the padding that larger clips of its batch ask for.

    Args:
        inputs: the clip in its batch, (T, 3, H', W').
        sample: its frames, whose ``batch_input_shape`` becomes the size returned.
    """
    height, width = sample[0].metainfo.get('pad_shape', inputs.shape[-2:])[:2]
    for frame in sample.video_data_samples:
        frame.set_metainfo(dict(batch_input_shape=(height, width)))
    return inputs[..., :height, :width]


def groups_of_one_size(inputs: Sequence[Tensor]) -> list[list[int]]:
    """Indices of the clips (T, 3, H, W) that can be stacked."""
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, clip in enumerate(inputs):
        groups[tuple(clip.shape)].append(index)
    return list(groups.values())


def clip_of(decoded: DecoderOutput, clip: int, frames: int) -> DecoderOutput:
    """What the decoder gives for one clip of a batch, as a batch of one; without memories of objects.

    Args:
        decoded: of B clips.
        clip: which of them.
        frames: T.
    """
    one, own = slice(clip, clip + 1), slice(clip * frames, (clip + 1) * frames)
    queries, final = decoded.queries, decoded.final_queries
    return DecoderOutput(
        classes=[logits[one] for logits in decoded.classes[-1:]],
        masks=[logits[one] for logits in decoded.masks[-1:]],
        embeddings=decoded.embeddings[one],
        queries=replace(queries, feature=queries.feature[one], position=queries.position[one]),
        assignments=[],
        features=[feature[own] for feature in decoded.features],
        final_queries=None if final is None else final[one],
    )
