"""Convert Mask2Former, EoMT and VidEoMT weights of other projects to GvSeg's names; needs no upstream library.

``reading`` opens files safely, ``naming`` applies a table of names, ``tables`` has those of Mask2Former and
``encoder_only`` those of EoMT and VidEoMT, ``choosing`` finds the one that a file needs, ``architecture`` compares
networks, ``class_heads`` maps class rows by name.
"""

from .architecture import Architecture
from .choosing import check_network, choose_names
from .class_heads import match_classes, remap_classes
from .encoder_only import JOINT_MARK, complete
from .naming import KeyMapping, Translation, translate
from .reading import WeightFile, read_model_json, read_weights
from .tables import DIALECTS

__all__ = [
    'DIALECTS',
    'JOINT_MARK',
    'Architecture',
    'KeyMapping',
    'Translation',
    'WeightFile',
    'check_network',
    'choose_names',
    'complete',
    'match_classes',
    'read_model_json',
    'read_weights',
    'remap_classes',
    'translate',
]
