"""Which public weights a ``config.json`` of the hub describes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gvseg.utils.config import load_config
from gvseg.utils.errors import CheckpointError
from gvseg.utils.public_weights import PUBLIC_WEIGHTS, PublicWeights
from gvseg.utils.shipped import home
from gvseg.utils.weight_conversion import read_model_json

from .weight_conversion import target_classes

BACKBONES = dict(swin='SwinTransformer', resnet='ResNet')
ENCODER_ONLY = ('eomt', 'videomt')


@dataclass(frozen=True)
class Network:
    """What tells the networks of the table from one another.

    Attributes:
        model_type: as in ``config.json``.
        backbone: registered name of ours.
        width: channels of its first stage, or of all.
        depths: layers of its stages.
        classes: number of classes.
    """

    model_type: str
    backbone: str
    width: int
    depths: tuple[int, ...]
    classes: int

    @classmethod
    def of_json(cls, content: dict[str, Any]) -> 'Network | None':
        """That of a ``config.json``, which may leave out the library's defaults; ``None``: of another kind."""
        kind, classes = content.get('model_type'), len(content.get('id2label') or ())
        if kind in ENCODER_ONLY:
            depth = content.get('num_hidden_layers', 24)
            return cls(kind, 'PlainViT', content.get('hidden_size', 1024), (depth,), classes)
        body = content.get('backbone_config') or {}
        if kind != 'mask2former' or body.get('model_type') not in BACKBONES:
            return None
        width, depths = body.get('embed_dim', body.get('embedding_size', 96)), body.get('depths', (2, 2, 6, 2))
        return cls(kind, BACKBONES[body['model_type']], width, tuple(depths), classes)

    @classmethod
    def of_row(cls, row: PublicWeights) -> 'Network':
        """That of the row's config."""
        model = load_config(str(home() / row.config)).model
        body, head = model.backbone, model.track_head
        if 'blocks' in body:
            width, depths = body.blocks.dim, (body.blocks.depth + head.blocks.depth,)
        else:
            width, depths = body.get('embed_dims', body.get('stem_channels', 64)), body.get('depths', (3, 4, 6, 3))
        return cls(row.source.model_type, body.type, width, tuple(depths), head.num_classes)


def row_of_folder(folder: Path) -> PublicWeights:
    """The row of the table whose network the ``config.json`` of a folder describes.

    Of several, the one that the folder's path names as the hub's cache does, else one with the same classes.

    Raises:
        CheckpointError: there is none.
    """
    content = read_model_json(folder / 'config.json')
    network = Network.of_json(content)
    rows = [row for row in PUBLIC_WEIGHTS if row.owner and network == Network.of_row(row)] if network else []
    if not rows:
        kind = content.get('model_type', 'of no kind')
        raise CheckpointError(
            f'{folder / "config.json"} describes a network ({kind!s:.40}) that no public weights of the table have '
            '(gvseg segment --list-models): convert it with tools/model_converters/huggingface_to_gvseg.py and a '
            'config of your own.'
        )
    labels = tuple((content.get('id2label') or {}).values())
    named = [row for row in rows if f'models--{row.owner}--{row.name}' in folder.parts]
    same = [row for row in rows if set(target_classes(load_config(str(home() / row.config)))) == set(labels)]
    return (named or same or rows)[0]
