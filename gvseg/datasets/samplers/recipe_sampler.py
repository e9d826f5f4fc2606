"""Order of draws in the training of a general model."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmdet.registry import DATA_SAMPLERS

from .clip_sampler import ClipDrawSampler

GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


@DATA_SAMPLERS.register_module()
class RecipeDrawSampler(ClipDrawSampler):
    """As :class:`ClipDrawSampler`, with draws of one recipe at a time.

    Consecutive draws form groups, and the videos of a group come from data sets of one recipe. A group holds the videos
    of whole iterations of all ranks, so that in an iteration every rank has the same parts, losses and collective
    operations to do, and several processes train as one. Which recipe a group has depends only on the seed and its
    number. Recipes follow each other in a sequence of low discrepancy: each has its share in every stretch of training.

    Args:
        dataset: a ``ClipConcatDataset`` whose parts name their recipe in their metainfo.
        group: draws of a group, a multiple of the videos of an iteration: of the videos of an optimiser step where
            gradients are accumulated.
        shares: fraction of the draws from each part; parts of one recipe share its groups.
        seed: as the base class.
    """

    def __init__(self, dataset: Any, group: int, shares: Sequence[float], seed: int | None = None) -> None:
        super().__init__(dataset, seed, shares)
        if group < 1:
            raise ValueError(f'a group has at least one draw, not {group}')
        self.group = group
        recipes = [part.metainfo.get('recipe') for part in dataset.datasets]
        self.parts = [
            [place for place, other in enumerate(recipes) if other == recipe] for recipe in dict.fromkeys(recipes)
        ]
        self.limits_of_recipes = np.cumsum([self.shares[places].sum() for places in self.parts])

    def recipe_of(self, group: int) -> int:
        """Which of the recipes a group has, in the order of the data sets."""
        start = np.random.default_rng(self.seed).random()
        place = (start + group * GOLDEN_RATIO) % 1 * self.limits_of_recipes[-1]
        return int(np.searchsorted(self.limits_of_recipes, place, side='right'))

    def video_of(self, draw: int) -> int:
        """As the base class."""
        places = self.parts[self.recipe_of(draw // self.group)]
        rng = np.random.default_rng((self.seed, draw))
        chosen = rng.choice(places, p=self.shares[places] / self.shares[places].sum())
        return int(rng.integers(*self.limits[chosen : chosen + 2]))
