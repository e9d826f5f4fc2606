"""The head of a general model: one head per recipe, all with the same network.

Shapes: B videos, T frames, N queries, C classes, D model width.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from mmengine.model import BaseModule, ModuleDict
from torch import Tensor, nn

from gvseg.core.class_spaces import class_rows, shared_classes
from gvseg.core.protocols import AccumulationAware
from gvseg.models.structures import ClipBatch
from gvseg.utils.errors import ConfigError
from gvseg.utils.recipes import classes_of, in_order, recipe_head

from .clip_head import ClipHead
from .query_record import RecordsMatchedQueries
from .shared_rows import ClassRows, TableRows

OWN_PARTS = ('query_initializer', 'cue_injection', 'contrastive', 'auxiliary')
"""Parts of a head that a recipe has for itself."""
ROWS = ('cls_embed', 'query_embed', 'query_feat')
"""Layers of which a recipe uses some rows."""
WITHOUT_WEIGHTS = ('loss_cls', 'loss_mask', 'loss_dice')


class QueryBlock(NamedTuple):
    """Rows of the tables of learned queries, with what an initialiser says of its queries.

    Attributes:
        num_queries: number of rows.
        classes: ``(first, last + 1)`` of the shared classes that rows stand for, one each; ``None``: individuals.
        reads_learned_features: whether their learned features are read, and not only their positions.
    """

    num_queries: int
    classes: tuple[int, int] | None
    reads_learned_features: bool


class Recipe(nn.Module, RecordsMatchedQueries):
    """What one recipe has for itself: initialiser, cues, contrastive loss with its queue, auxiliary loss.

    A source of matched queries whose memories are its own: what one recipe has matched stays in its queue.

    Args:
        head: the recipe's head.
    """

    def __init__(self, head: ClipHead) -> None:
        super().__init__()
        self.query_record = head.query_record
        for name in OWN_PARTS:
            if isinstance(part := getattr(head, name), nn.Module):
                self.add_module(name, part)


@MODELS.register_module()
class GeneralHead(BaseModule, AccumulationAware):
    """Heads that share their network and differ in what their recipes say.

    A recipe says what a config of a single data set says: ``classes``, and under ``track_head`` the initialiser, the
    cues, the contrastive and the auxiliary loss. Every recipe gets a head of its own, which is that of the single-task
    model; all of them hold the same modules but for these parts. Of the class head a recipe takes the rows of its
    classes, and of the tables of learned queries

    * for queries of individuals the rows of a block that recipes may share (``query_block``): a row of grid queries
      stands for a cell, one of exemplar queries for the i-th shown object, so these two have blocks of their own;
    * for class queries, of which there is one per class, the row of that class: a class learns from all data sets
      that have it.

    Names of shared parameters are those of the single-task head, so its weights load as they are.

    Args:
        recipes: by name dict(classes, track_head, no_object=0.1, query_block='things', like=None). ``classes`` are
            names, or a key of :data:`gvseg.utils.recipes.CLASS_LISTS`; ``no_object`` is the weight of "no object" in
            the class loss; ``like`` names a recipe whose initialiser's layers this one's uses, too.
        head_type: registered class of the heads.
        shared: settings of the heads.
    """

    def __init__(self, recipes: Mapping[str, dict], head_type: str = 'GvSegHead', **shared: Any) -> None:
        super().__init__()
        recipes = in_order(recipes)
        spaces = {name: classes_of(recipe) for name, recipe in recipes.items()}
        self.class_spaces = spaces
        self.classes = shared_classes(spaces.values())
        self.num_classes = len(self.classes)
        self._heads = {
            name: MODELS.build(recipe_head(recipe, dict(shared, type=head_type))) for name, recipe in recipes.items()
        }
        for name, recipe in recipes.items():
            if leader := recipe.get('like'):
                _share_layers(_parts(self._heads[name]), _parts(self._heads[leader]))
        first = next(iter(self._heads.values()))
        self.num_frames = first.num_frames
        own = (*OWN_PARTS, *ROWS, *WITHOUT_WEIGHTS)
        self._shared = [name for name, _ in first.named_children() if name not in own]
        for name in self._shared:
            self.add_module(name, getattr(first, name))
        self._add_tables(recipes, first)
        self.recipes = ModuleDict({name: Recipe(head) for name, head in self._heads.items()})

    def _add_tables(self, recipes: Mapping[str, dict], first: ClipHead) -> None:
        """Class head and tables of learned queries for all recipes, and their rows for each."""
        sizes = block_sizes(self._heads, recipes)
        rows = query_rows(self._heads, recipes, self.classes, sizes)
        count, dim = 1 + max(row for chosen in rows.values() for row in chosen), first.query_embed.embedding_dim
        named = count - sum(sizes.values())  # classes up to the last one that has a query
        self.query_blocks = [QueryBlock(size, None, False) for size in sizes.values()]
        self.query_blocks += [QueryBlock(named, (0, named), True)] * (named > 0)
        self.cls_embed = nn.Linear(first.cls_embed.in_features, self.num_classes + 1)
        self.query_embed, self.query_feat = nn.Embedding(count, dim), nn.Embedding(count, dim)
        reads = [head.query_initializer.reads_learned_features for head in self._heads.values()]
        self.query_feat.requires_grad_(any(reads))
        self.num_queries = count
        for name, head in self._heads.items():
            head.cls_embed = ClassRows(self.cls_embed, class_rows(self.class_spaces[name], self.classes))
            head.query_embed = TableRows(self.query_embed, rows[name])
            head.query_feat = TableRows(self.query_feat, rows[name])

    def head_of(self, recipe: str) -> ClipHead:
        """The head of a recipe.

        Raises:
            ConfigError: there is no such recipe.
        """
        if recipe not in self._heads:
            raise ConfigError(f'there is no recipe {recipe!r}; the model has {", ".join(self._heads)}')
        head = self._heads[recipe]
        for name in self._shared:  # a wrapper of distributed training may have put itself in a module's place
            setattr(head, name, getattr(self, name))
        return head

    def loss(self, x: list[Tensor], data_samples: list[TrackDataSample]) -> dict[str, Tensor]:
        """Losses of the batch's recipe, named ``RECIPE.NAME``.

        Parameters of the other recipes take part with a factor of 0: in every iteration every parameter has a
        gradient, on every rank, as distributed training asks for.
        """
        recipe = recipe_of(data_samples)
        losses = self.head_of(recipe).loss(x, data_samples)
        idle = sum(parameter.sum() for parameter in self._parameters_of_recipes() if parameter.requires_grad)
        losses['loss_cls'] = losses['loss_cls'] + 0 * idle
        return {f'{recipe}.{name}': value for name, value in losses.items()}

    def _parameters_of_recipes(self) -> Iterator[nn.Parameter]:
        """Those that only some of the recipes use."""
        for module in (self.recipes, self.query_embed, self.query_feat):
            yield from module.parameters()

    def forward(self, x: list[Tensor], data_samples: list[TrackDataSample]) -> tuple[list[Tensor], list[Tensor]]:
        """As :meth:`ClipHead.forward`, by the samples' recipe."""
        return self.head_of(recipe_of(data_samples)).forward(x, data_samples)

    def clip_batch(self, x: list[Tensor], samples: list[TrackDataSample], with_targets: bool) -> ClipBatch:
        """As :meth:`ClipHead.clip_batch`, by the samples' recipe."""
        return self.head_of(recipe_of(samples)).clip_batch(x, samples, with_targets)

    def prepare_accumulation(self, batches: Sequence[list[TrackDataSample]]) -> None:
        """As the base class; all batches of a step are of one recipe."""
        self.head_of(recipe_of([sample for batch in batches for sample in batch])).prepare_accumulation(batches)

    def train(self, mode: bool = True) -> 'GeneralHead':
        """As the base class, for the heads too."""
        super().train(mode)
        for head in self._heads.values():
            head.training = mode
        return self

    def init_weights(self) -> None:
        """As one of the heads, whose network is that of all."""
        next(iter(self._heads.values())).init_weights()


def block_sizes(heads: Mapping[str, ClipHead], recipes: Mapping[str, dict]) -> dict[str, int]:
    """Rows of every block of queries of individuals: those of the recipe that uses most of it."""
    sizes: dict[str, int] = {}
    for name, head in heads.items():
        block = recipes[name].get('query_block', 'things')
        count = sum(part.num_queries for part in _parts(head) if part.is_thing)
        sizes[block] = max(count, sizes.get(block, 0))
    return {block: size for block, size in sizes.items() if size}


def query_rows(
    heads: Mapping[str, ClipHead], recipes: Mapping[str, dict], classes: Sequence[str], sizes: Mapping[str, int]
) -> dict[str, list[int]]:
    """Rows of the tables of learned queries that each recipe uses: blocks of individuals, then one row per class.

    Raises:
        ConfigError: a recipe has another number of class queries than classes they stand for.
    """
    starts = {block: sum(list(sizes.values())[:place]) for place, block in enumerate(sizes)}
    found = {}
    for name, head in heads.items():
        rows: list[int] = []
        start = starts.get(recipes[name].get('query_block', 'things'), 0)
        for part in _parts(head):
            if part.is_thing:
                rows += range(start, start + part.num_queries)
                start += part.num_queries
                continue
            named = classes_of(recipes[name])[slice(*(part.classes or (None,)))]
            if len(named) != part.num_queries:
                raise ConfigError(
                    f'recipe {name!r} has {part.num_queries} class queries for {len(named)} classes: class queries '
                    'of a general model stand for one class each, so give both the same number'
                )
            rows += [sum(sizes.values()) + row for row in class_rows(named, classes)]
        found[name] = rows
    return found


def _parts(head: ClipHead) -> Sequence[Any]:
    """The initialisers that a head's one is made of."""
    return getattr(head.query_initializer, 'parts', [head.query_initializer])


def _share_layers(followers: Sequence[nn.Module], leaders: Sequence[nn.Module]) -> None:
    """Let initialisers use the layers of others of the same kind; they are no longer layers of their own."""
    for follower, leader in zip(followers, leaders):
        for name, layer in list(follower.named_children()):
            if any(True for _ in layer.parameters()):
                delattr(follower, name)
                vars(follower)[name] = getattr(leader, name)


def recipe_of(samples: Sequence[TrackDataSample]) -> str:
    """The recipe that the frames' metainfo names.

    Raises:
        ConfigError: it names none, or several.
    """
    found = {sample[0].metainfo.get('recipe') for sample in samples}
    if len(found) != 1:
        raise ConfigError(
            f'one batch has clips of the recipes {" and ".join(sorted(map(str, found)))}: use RecipeDrawSampler, whose '
            '`group` is a multiple of the videos of an iteration on all ranks'
        )
    (recipe,) = found
    if recipe is None:
        raise ConfigError('a general model needs data that name their recipe: set `metainfo=dict(recipe=NAME)`')
    return recipe
