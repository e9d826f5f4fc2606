"""GvSeg's nodes in mmengine's registry tree, below those of mmdet.

GvSeg's parts are registered in mmdet's nodes, so that any mmdet config can name them. The nodes here stay empty; they
make the scope ``gvseg`` known: with ``default_scope = 'gvseg'`` or ``dict(type='gvseg.GvSegHead')`` mmengine imports
this module by its name and each node imports GvSeg, whatever a config's ``custom_imports`` say.
"""

import mmdet.registry
from mmengine.registry import Registry
from mmengine.runner import CheckpointLoader

from .utils import openmmlab  # noqa: F401  (first: says what is missing)
from .utils.setup_env import LIBRARY_PARTS, PARTS
from .utils.shipped import SCHEME


def _child(parent: Registry) -> Registry:
    """Node of this scope below one of mmdet; the first look into it imports the parts of both libraries."""
    return Registry(parent.name, parent=parent, scope='gvseg', locations=[*LIBRARY_PARTS, *PARTS])


NODES = {
    name: _child(node)
    for name, node in vars(mmdet.registry).items()
    if isinstance(node, Registry) and node.scope == 'mmdet'
}
globals().update(NODES)

__all__ = list(NODES)


@CheckpointLoader.register_scheme(prefixes=SCHEME)
def load_from_shipped(filename: str, map_location: str | None = None, **kwargs: object) -> dict:
    """Loader of ``gvseg://NAME`` for ``load_from``, ``init_cfg`` and mmengine's hub."""
    from .utils.checkpoint import read_checkpoint  # imports torch's serialisation, which a registry need not

    return read_checkpoint(filename)
