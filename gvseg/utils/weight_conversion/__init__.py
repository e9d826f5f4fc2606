"""Weights of other projects' Mask2Former under GvSeg's names: names and tensor operations as data, no upstream library.

``reading`` opens their files safely, ``naming`` says how a table of names is applied, ``tables`` holds the three
tables, ``architecture`` compares networks, ``class_heads`` carries class rows over by name.
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
