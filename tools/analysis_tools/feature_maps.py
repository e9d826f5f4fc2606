"""Draw features of the backbone and the pixel decoder, and the attention of queries, for one frame.

    python tools/analysis_tools/feature_maps.py VIDEO --task vps --frame 12 --out features.png
    python tools/analysis_tools/feature_maps.py VIDEO --config CONFIG --checkpoint FILE --queries 0 7

First row: the frame, then each level of the backbone; second row: levels of the pixel decoder and the mask
features, all as the norm of the feature vector at each location. Then the cross-attention of the last decoder
layer, for the queries with the highest class scores or those of --queries. Red is the maximum of a map.

Shapes: T frames of a clip, D width, h w size of a map, N queries, L = T h w keys.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gvseg.cli.model_choice import add_model_choice, chosen_model, parse_model_choice
from gvseg.entry import entry_point
from gvseg.utils.errors import ConfigError, InputError
from gvseg.utils.work_dir import prepare_output_file

if TYPE_CHECKING:
    import torch
    from torch import nn

WIDTH = 240  # of a map in the figure, pixels


class Watch:
    """Record the outputs of modules for the clip that contains a frame.

    Args:
        model: the network; its modules get hooks.
        frame: number of the frame.
    """

    def __init__(self, model: nn.Module, frame: int) -> None:
        self.frame, self.place = frame, None
        self.kept: dict[str, Any] = {}
        head = model.track_head
        if not hasattr(head, 'transformer_decoder'):
            raise ConfigError(
                f'{type(head).__name__} has no transformer decoder to draw: give a config of Mask2Former.'
            )
        model.data_preprocessor.register_forward_pre_hook(self._begin)
        for name, module in (
            ('backbone', model.backbone),
            ('pixel_decoder', head.pixel_decoder),
            ('classes', head.cls_embed),
            ('attention', head.transformer_decoder.layers[-1].cross_attn.attn),
        ):
            module.register_forward_hook(lambda module, inputs, output, name=name: self._keep(name, output))
        head.transformer_decoder.layers[-1].cross_attn.register_forward_hook(self._attend, with_kwargs=True)
        self.watching, self.shape, self.divisor = False, (0, 0), model.data_preprocessor.pad_size_divisor
        self.level = (len(head.transformer_decoder.layers) - 1) % head.num_transformer_feat_level

    def _begin(self, module: nn.Module, inputs: tuple) -> None:
        """Check whether the frame is in the clip."""
        numbers = [sample.frame_id for sample in inputs[0]['data_samples'][0].video_data_samples]
        self.watching = self.frame in numbers and self.place is None
        if self.watching:
            self.place = numbers.index(self.frame)
            self.shape = inputs[0]['data_samples'][0].video_data_samples[self.place].img_shape

    def _attend(self, module: nn.Module, inputs: tuple, options: dict, output: Any) -> None:
        """Repeat a fused attention by upstream's, which computes the weights."""
        from mmcv.cnn.bricks.transformer import MultiheadAttention

        if self.watching:
            mask = options['attn_mask']
            options['attn_mask'] = None if mask is None else mask.repeat_interleave(module.num_heads, 0)
            MultiheadAttention.forward(module, *inputs, **options)

    def _keep(self, name: str, output: Any) -> None:
        if self.watching:
            self.kept[name] = output  # the last call, of the last layer, is kept

    def features(self, maps: list[torch.Tensor]) -> list[np.ndarray]:
        """Norms of the feature vectors in the frame, (h, w) for each (T, D, h, w)."""
        return [self._unpadded(level[self.place].float().norm(dim=0).numpy()) for level in maps]

    def _unpadded(self, values: np.ndarray) -> np.ndarray:
        """A map (h, w) without the padding at the bottom and on the right."""
        full = [-(-side // self.divisor) * self.divisor for side in self.shape]
        height, width = (-(-length * shown // whole) for length, shown, whole in zip(values.shape, self.shape, full))
        return values[:height, :width]

    def attention(self, queries: list[int], memories: list[torch.Tensor]) -> list[np.ndarray]:
        """Attention (h, w) of queries to the frame."""
        height, width = memories[self.level].shape[-2:]
        weights = self.kept['attention'][1][0].reshape(-1, len(memories[0]), height, width)  # (N, T, h, w)
        return [self._unpadded(weights[query, self.place].float().numpy()) for query in queries]

    def best(self, count: int) -> list[int]:
        """Queries with the highest class scores."""
        scores = self.kept['classes'][0].float().softmax(-1)[:, :-1].amax(-1)
        return scores.argsort(descending=True)[:count].tolist()


def heat(image: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Blend the frame (RGB) with a colour map of the values."""
    import cv2

    values = (values - values.min()) / max(float(np.ptp(values)), 1e-12)
    size = (WIDTH, round(WIDTH * image.shape[0] / image.shape[1]))
    small = cv2.resize((255 * values).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR)
    colours = cv2.applyColorMap(small, cv2.COLORMAP_JET)[..., ::-1]
    return cv2.addWeighted(cv2.resize(image, size, interpolation=cv2.INTER_AREA), 0.4, colours, 0.6, 0)


def picture(watch: Watch, image: np.ndarray, queries: list[int]) -> np.ndarray:
    """Figure of all maps, RGB."""
    import cv2

    from gvseg.visualization import side_by_side

    mask_features, memories = watch.kept['pixel_decoder'][:2]
    size = (WIDTH, round(WIDTH * image.shape[0] / image.shape[1]))
    rows = [([cv2.resize(image, size, interpolation=cv2.INTER_AREA)], [f'frame {watch.frame}'])]
    for name, maps in (('backbone', watch.kept['backbone']), ('pixel decoder', [*memories, mask_features])):
        panels = [heat(image, values) for values in watch.features(list(maps))]
        titles = [f'{name} {values.shape[-2]}x{values.shape[-1]}' for values in maps]
        rows.append((panels, titles))
    rows[0:2] = [(rows[0][0] + rows[1][0], rows[0][1] + rows[1][1])]
    maps = watch.attention(queries, memories)
    for start in range(0, len(queries), 5):
        rows.append(
            (
                [heat(image, values) for values in maps[start : start + 5]],
                [f'attention of query {query}' for query in queries[start : start + 5]],
            )
        )
    parts = [side_by_side(panels, titles) for panels, titles in rows]
    width = max(part.shape[1] for part in parts)
    return np.vstack(
        [np.pad(part, ((0, 6), (0, width - part.shape[1]), (0, 0)), constant_values=255) for part in parts]
    )


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('video', help='file or folder of frames')
    add_model_choice(parser)
    parser.add_argument('--frame', type=int, default=0, help='number of the frame, from 0')
    parser.add_argument('--queries', type=int, nargs='+', help='queries to draw attention of; default: the ten best')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/features.png'))
    return parse_model_choice(parser, arguments)


def draw(arguments: argparse.Namespace) -> np.ndarray:
    """Draw the figure, RGB.

    Raises:
        InputError: The video has no such frame, or the model no such query.
    """
    from gvseg.apis import VideoSegmenter, VideoSource

    files = chosen_model(arguments)
    segmenter = VideoSegmenter(*files)
    if segmenter.takes_objects:
        raise InputError(f'{files[0]} is exemplar-guided: give a VIS, VSS or VPS model.')
    watch, number = Watch(segmenter.model, arguments.frame), -1
    for frame, result in segmenter.segment_with_frames(VideoSource(arguments.video)):
        number = result.frame_id
        if number == arguments.frame:
            image = np.ascontiguousarray(frame.image[..., ::-1])
            break
    else:
        raise InputError(
            f'{arguments.video} has {number + 1} frames: --frame must be 0 to {number}, not {arguments.frame}.'
        )
    count = watch.kept['classes'].shape[1]
    queries = arguments.queries or watch.best(10)
    if max(queries) >= count:
        raise InputError(f'The model has {count} queries: --queries must be 0 to {count - 1}, not {max(queries)}.')
    return picture(watch, image, queries)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from gvseg.visualization import write_png

    prepare_output_file(arguments.out)
    drawn = draw(arguments)
    write_png(arguments.out, drawn)
    print(f'written: {arguments.out}')


if __name__ == '__main__':
    sys.exit(main())
