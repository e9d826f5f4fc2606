"""Convert Mask2Former weights of other projects to GvSeg's names; needs no upstream library.

``reading`` opens files safely, ``naming`` applies a table of names, ``tables`` has the three tables, ``architecture``
compares networks, ``class_heads`` maps class rows by name.
"""

from .architecture import Architecture, check_same_network
from .class_heads import match_classes, remap_classes
from .naming import KeyMapping, Translation, translate
from .reading import WeightFile, read_weights
from .tables import DIALECTS

__all__ = [
    'DIALECTS',
    'Architecture',
    'KeyMapping',
    'Translation',
    'WeightFile',
    'check_same_network',
    'match_classes',
    'read_weights',
    'remap_classes',
    'translate',
]
