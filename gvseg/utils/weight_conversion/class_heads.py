"""Map the rows of a class head to other classes by name; unmatched rows keep their initialisation.

Shapes: C classes of the target, S of the source, D model width.
"""

import re
from collections.abc import Sequence

from torch import Tensor

#: Synonyms of class names, normalised by :func:`plain`: a benchmark's name -> COCO's.
SYNONYMS: dict[str, str] = {
    # YouTube-VIS
    'flying disc': 'frisbee',
    'motorbike': 'motorcycle',
    'sedan': 'car',
    # OVIS (its own spelling)
    'vehical': 'car',
    # KITTI-STEP
    'sidewalk': 'pavement',
    'vegetation': 'tree',
    'terrain': 'grass',
    # VIPSeg and VSPW
    'cattle': 'cow',
    'ship or boat': 'boat',
    'path': 'pavement',
    'parasol or umbrella': 'umbrella',
    'handrail or fence': 'fence',
    'cushion or carpet': 'rug',
    'stone': 'rock',
    'microwave oven': 'microwave',
    'mobile phone': 'cell phone',
    'screen or television': 'tv',
    'computer': 'laptop',
    'chair or seat': 'chair',
    'table or desk': 'dining table',
    'sofa': 'couch',
    'ball': 'sports ball',
    'flower pot or vase': 'vase',
    'bag or package': 'handbag',
    'bottle or cup': 'bottle',
    'stair': 'stairs',
    'tub or bowl or pot': 'bowl',
    'commode': 'toilet',
    'traveling case or trolley case': 'suitcase',
    'snowfield': 'snow',
    'cupboard or showcase or storage rack': 'cabinet',
    'ground': 'dirt',
    'door': 'door stuff',
    'textiles': 'towel',
}


def plain(name: str) -> str:
    """Normalise case, separators and COCO's suffixes: ``sky-other-merged`` and ``Sky`` are both ``sky``."""
    words = re.sub(r'[-_ ]+', ' ', name.strip().lower())
    return re.sub(r'( other)?( merged)?$', '', words) or words


def match_classes(source: Sequence[str], target: Sequence[str]) -> list[int | None]:
    """For every target class the index of the source class of the same name or a synonym; ``None``: no match."""
    places: dict[str, int] = {}
    for index, name in enumerate(source):
        places.setdefault(plain(name), index)
    return [next((places[name] for name in _names_of(wanted) if name in places), None) for wanted in target]


def _names_of(name: str) -> list[str]:
    """The normalised class name, then its synonyms in both directions."""
    own = plain(name)
    return [
        own,
        *([SYNONYMS[own]] if own in SYNONYMS else []),
        *(benchmark for benchmark, coco in SYNONYMS.items() if coco == own),
    ]


def remap_classes(source: Tensor, own: Tensor, matches: Sequence[int | None]) -> Tensor:
    """Weight or bias of a class head, its last row "no object".

    Args:
        source: (S + 1, D) or (S + 1,).
        own: (C + 1, D) or (C + 1,), newly initialised.
        matches: for every target class the row of the source, or ``None``.

    Returns:
        ``own`` with the rows of matched classes and of "no object" taken from the source.
    """
    result = own.clone()
    for row, place in enumerate(matches):
        if place is not None:
            result[row] = source[place]
    result[-1] = source[-1]
    return result
