"""Queries from the cells of a grid over the features (paper Eq. 8).

Shapes: B clips, T frames, N queries, S grid side, c feature channels, D model width.
"""

import torch
from mmdet.registry import MODELS
from torch import Tensor

from gvseg.core.query_init import evenly_spaced, grid_features, random_subset
from gvseg.core.query_set import QuerySet
from gvseg.models.structures import QueryContext

from .base import QueryInitializer, feed_forward, sine_position


@MODELS.register_module()
class GridQueries(QueryInitializer):
    """N of S x S cell features through an FFN: at random in training, evenly spaced at test.

    Args:
        grid: S.
        in_channels: channels of the feature map (c).
        embed_dims: D.
        level: which of the context's feature maps.
        with_location: add a sine encoding of the cell's centre to the cell's feature. The paper says that grid
            queries involve location cues; features of a network trained from scratch hold few.
        residual: add what comes from the grid, times a learned gain per channel that starts at zero, to the learned
            queries instead of replacing them, so that training starts from the queries of a pre-trained segmenter.
            Not in the paper.
    """

    def __init__(
        self,
        grid: int,
        in_channels: int,
        embed_dims: int,
        level: int = -2,
        with_location: bool = True,
        residual: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if grid * grid < self.num_queries:
            raise ValueError(
                f'a grid of {grid} x {grid} cells has fewer cells than the {self.num_queries} queries '
                'it has to make: raise `grid` or lower `num_queries`'
            )
        self.grid = grid
        self.level = level
        self.ffn = feed_forward(in_channels, embed_dims)
        self.with_location = with_location
        self.gain = torch.nn.Parameter(torch.zeros(embed_dims)) if residual else None

    @property
    def reads_learned_features(self) -> bool:
        return self.gain is not None

    def forward(self, context: QueryContext) -> QuerySet:
        features = context.features[self.level].unflatten(0, (len(context.clips), -1)).mean(1)
        cells = self._choose(context.clips.seeds, features.device)
        picked = grid_features(features, self.grid).gather(1, cells[..., None].expand(-1, -1, features.shape[1]))
        learned, position = context.learned()
        feature = self.ffn(picked)
        if self.with_location:
            place = sine_position(self._centres(cells), feature.shape[-1], **context.waves)
            feature = feature + place.to(feature.dtype)
        if self.gain is not None:
            feature = learned + self.gain * feature
        return self._query_set(context, feature, position)

    def _choose(self, seeds: list[int], device: torch.device) -> Tensor:
        """Which cells become queries, sorted, (B, N); a clip's choice depends on its own seed only."""
        total = self.grid**2
        if not self.training:
            return evenly_spaced(self.num_queries, total).to(device).expand(len(seeds), -1)
        chosen = [random_subset(self.num_queries, total, torch.Generator().manual_seed(seed)) for seed in seeds]
        return torch.stack(chosen).sort(1).values.to(device)

    def _centres(self, cells: Tensor) -> Tensor:
        rows = torch.div(cells, self.grid, rounding_mode='floor')
        return (torch.stack((cells % self.grid, rows), -1) + 0.5) / self.grid
