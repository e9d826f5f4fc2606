"""Register GvSeg's parts, as ``mmdet.utils.register_all_modules`` does for mmdet."""

from importlib import import_module

PARTS = ('gvseg.datasets', 'gvseg.models', 'gvseg.evaluation.metrics', 'gvseg.engine', 'gvseg.visualization')
LIBRARY_PARTS = ('mmdet.datasets', 'mmdet.models', 'mmdet.evaluation', 'mmdet.engine', 'mmdet.visualization')


def register_all_modules(init_default_scope: bool = True) -> None:
    """Import every part of GvSeg, so that configs can name them.

    Args:
        init_default_scope (bool): Build in the scope ``gvseg`` from now on.
    """
    for name in (*PARTS, 'gvseg.registry'):
        import_module(name)
    if init_default_scope:
        import_module('mmengine.registry').init_default_scope('gvseg')
