"""Fit the learned queries of a public checkpoint to a model with another number of queries.

Shapes:
    N: queries of the model; S: queries of the file; C: classes; D: model width.
"""

import torch
from torch import Tensor, nn

from gvseg.core.tracking.assignment import assign
from gvseg.models.query_initializers import LearnedQueries
from gvseg.utils.errors import CheckpointError

CLASS_HEAD = ('track_head.cls_embed.weight', 'track_head.cls_embed.bias')
#: The norm before the prediction heads: of Mask2Former, of encoder-only networks.
NORMS = ('track_head.transformer_decoder.post_norm', 'track_head.norm')
QUERY_TABLES = ('track_head.query_feat.weight', 'track_head.query_embed.weight')


def fit_queries(
    found: dict[str, Tensor], own: dict[str, Tensor], path: str, model: nn.Module, kept: list[bool], reshaped: list[str]
) -> None:
    """Learned query tables (N, D) of another length; every query starts from a learned one.

    Args:
        found: the file's tensors under our names; its query tables are replaced.
        own: the model's tensors.
        path: the file, for messages.
        kept: whether each class takes its row of the class head from the file.
        reshaped: takes a line for each table that was changed.

    Raises:
        CheckpointError: the model predicts with learned queries alone, so dropping some would change its predictions.
    """
    theirs, ours = len(found[QUERY_TABLES[0]]), len(own[QUERY_TABLES[0]])
    if theirs == ours:
        return
    initializer = model.track_head.query_initializer
    blocks = getattr(getattr(model, 'general_head', None), 'query_blocks', None)
    if isinstance(getattr(initializer, 'source', initializer), LearnedQueries):
        raise CheckpointError(
            f'{path} has {theirs} queries, the config {ours}: set '
            'model.track_head.num_queries and query_initializer.num_queries to the former.'
        )
    classes = first_classes(found) * torch.tensor(kept)
    parts = blocks or getattr(initializer, 'parts', [initializer])
    rows = torch.cat([query_rows(part, classes) for part in parts])
    for name in QUERY_TABLES:
        found[name] = found[name][rows].to(own[name].dtype)
        reshaped.append(f'{name}: {len(rows.unique())} of {theirs} queries for {ours}')


def first_classes(weights: dict[str, Tensor]) -> Tensor:
    """Class probabilities that a network gives its queries before their first layer, whatever the picture: (S, C)."""
    feature = weights[QUERY_TABLES[0]].float()
    place = next(place for place in NORMS if f'{place}.weight' in weights)
    norm = [weights[f'{place}.{name}'].float() for name in ('weight', 'bias')]
    weight, bias = (weights[name].float() for name in CLASS_HEAD)
    return (nn.functional.layer_norm(feature, feature.shape[1:], *norm) @ weight.T + bias).softmax(-1)[:, :-1]


def query_rows(part: nn.Module, classes: Tensor) -> Tensor:
    """Which of the file's S queries each query of an initialiser starts from, (N,) long.

    With one query per class: the query of highest probability for it, one to one (Hungarian); the others take the
    remaining queries in turn. Other initialisers take the queries in order: a grid uses only their positions.

    Args:
        part: the initialiser, or a block of queries of a general model.
        classes: probabilities that the file's queries give our classes, 0 for those it does not know, (S, C).
    """
    count, (first, end) = part.num_queries, part.classes or (0, classes.shape[1])
    rows = torch.full((count,), -1)
    if part.reads_learned_features and count == end - first:
        wanted = classes[:, first:end]
        queries, places = assign(-wanted, wanted > 0)
        rows[places] = queries
    left = [query for query in range(len(classes)) if query not in set(rows.tolist())] or list(range(len(classes)))
    free = (rows < 0).nonzero()[:, 0]
    rows[free] = torch.tensor(left)[torch.arange(len(free)) % len(left)]
    return rows
