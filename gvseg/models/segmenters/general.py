"""One set of weights for several tasks: a segmenter that follows the recipe of its data.

Shapes: B videos, T frames, H W network input.
"""

from collections.abc import Mapping, Sequence

from mmdet.registry import MODELS, TASK_UTILS
from mmdet.structures import TrackDataSample
from torch import Tensor

from gvseg.utils.errors import ConfigError
from gvseg.utils.recipes import in_order

from .clips_at_once import alone
from .gvseg import GvSeg

PARTS = ('associator', 'task_output', 'mask_nms', 'class_mean')
"""Parts of a segmenter that differ between recipes."""


@MODELS.register_module()
class GeneralGvSeg(GvSeg):
    """:class:`GvSeg` whose head, associator and task output are those of a recipe; the network is one.

    In training and at test the metainfo of the frames names the recipe. Frames that name none are segmented by
    ``recipe``, or by that of the last :meth:`use`.

    Args:
        recipes: by name what :class:`gvseg.models.heads.GeneralHead` asks for, and the ``associator``,
            ``task_output``, ``mask_nms`` and ``class_mean`` of :class:`GvSeg`.
        track_head: config of the :class:`gvseg.models.heads.GeneralHead`, without recipes.
        recipe: the one in use; ``None``: the first :func:`gvseg.utils.recipes.in_order`.
        associator: that of recipes without one.
        kwargs: as :class:`GvSeg`.

    Raises:
        ConfigError: there is no such recipe.
    """

    def __init__(
        self,
        *,
        recipes: Mapping[str, dict],
        track_head: dict,
        recipe: str | None = None,
        associator: dict | None = None,
        **kwargs,
    ) -> None:
        self.recipe = recipe or next(iter(in_order(recipes)))
        if self.recipe not in recipes:
            raise ConfigError(f'there is no recipe {recipe!r}; the model has {", ".join(recipes)}')
        configs: dict[str, dict] = {name: {part: one.get(part) for part in PARTS} for name, one in recipes.items()}
        for config in configs.values():
            config['associator'] = config['associator'] or associator
        head_recipes = {
            name: {key: value for key, value in one.items() if key not in PARTS} for name, one in recipes.items()
        }
        super().__init__(**configs[self.recipe], track_head=dict(track_head, recipes=head_recipes), **kwargs)
        self._parts = {
            name: {part: TASK_UTILS.build(setting) if setting else None for part, setting in config.items()}
            for name, config in configs.items()
        }
        self.use(self.recipe)

    @property
    def general_head(self):
        """The :class:`gvseg.models.heads.GeneralHead`, registered as ``track_head``."""
        return self._modules['track_head']

    @property
    def track_head(self):
        """The head of the recipe in use."""
        return self.general_head.head_of(self.recipe)

    @property
    def class_spaces(self) -> dict[str, tuple[str, ...]]:
        """Names of the classes of every recipe, in the order of its data set."""
        return self.general_head.class_spaces

    def use(self, recipe: str) -> None:
        """Segment by this recipe from now on; the current video is forgotten.

        Raises:
            ConfigError: there is no such recipe.
        """
        self.general_head.head_of(recipe)
        self.recipe = recipe
        for name, part in self._parts[recipe].items():
            setattr(self, name, part)
        self.reset()

    def loss(self, inputs: Tensor, data_samples: Sequence[TrackDataSample], **kwargs) -> dict[str, Tensor]:
        """Losses of a batch (B, T, 3, H, W) of one recipe."""
        return self.general_head.loss(self.backbone(inputs.flatten(0, 1)), data_samples)

    def predict(
        self, inputs: Tensor, data_samples: list[TrackDataSample], rescale: bool = True
    ) -> list[TrackDataSample]:
        """As :meth:`GvSeg.predict`, by the frames' recipe; clips of several recipes one after another."""
        if len({sample[0].metainfo.get('recipe') for sample in data_samples}) > 1:
            clips = [(alone(*clip)[None], [clip[1]]) for clip in zip(inputs, data_samples)]
            return [found for clip in clips for found in self.predict(*clip)]
        named = data_samples[0][0].metainfo.get('recipe')
        if named is not None and named != self.recipe:
            self.use(named)
        return super().predict(inputs, data_samples, rescale)
