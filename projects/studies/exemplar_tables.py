"""Settings that ``exemplar_variants.py`` compares."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    """One row of a table.

    Attributes:
        name: as printed.
        settings: changes of the config's ``model``, dotted names.
        exemplar: what is shown of the object in its first frame: mask, box or point.
    """

    name: str
    settings: dict = field(default_factory=dict, hash=False)
    exemplar: str = 'mask'


INITIALIZER = 'track_head.query_initializer'
NO_MATCHING = {f'{INITIALIZER}.matching': None}

OUTPUT = 'task_output.refinements'


def blobs(min_share: float) -> dict:
    """Removal of small blobs."""
    return dict(type='SmallBlobRemoval', min_share=min_share)


def guided(radius: int, eps: float) -> dict:
    """Edge-aware upsampling."""
    return dict(type='GuidedUpsampling', radius=radius, eps=eps)


FIRST = f'{INITIALIZER}.test_first_weight'
PAST = (('16, scale 10', 16, 10.0), ('16, scale 1', 16, 1.0))
FOUND = ((2, 3), (6, 4))


def memory(**rules: object) -> dict:
    """Rules of the memory."""
    return {f'{INITIALIZER}.memory': rules}


def found(every: int, capacity: int) -> dict:
    """Frames in which masks were found, kept for matching."""
    return {f'{INITIALIZER}.matching.at_test': dict(found=dict(every=every, capacity=capacity))}


def matching(**settings: object) -> dict:
    """Settings of matching."""
    return {f'{INITIALIZER}.matching.{name}': value for name, value in settings.items()}


SOFT = dict(at_test=dict(at_test=dict(recent=7, top_k=10)), scale=(10.0, 10.0))
NEARER = dict(SOFT, locality=(200.0, 1.0))
READOUTS = {
    '7 recent, top 10': dict(at_test=dict(recent=7, top_k=10)),
    'top 10, scale 10': dict(at_test=dict(top_k=10), scale=(10.0, 10.0)),
    '7 recent, top 10, scale 10': SOFT,
    'the same, locality 200': NEARER,
    'the same, gains 1.5, 0.6': dict(NEARER, gains=(1.5, 0.6)),
    'the same, gains 3, 0.6': dict(NEARER, gains=(3.0, 0.6)),
    'the same, gains 1.5, 0': dict(NEARER, gains=(1.5, 0.0)),
    'the same, gains 1.5, 0.6, locality of both': dict(NEARER, gains=(1.5, 0.6), locality=(200.0, 20.0)),
}


def prompt_masks(**settings: object) -> dict:
    """Masks made of points and boxes before their clip is segmented."""
    return dict(prompt_masks=dict(type='PromptMasks', **settings))


NO_CLASSIFIER = {f'{INITIALIZER}.matching.at_test': None}
GAINS = f'{INITIALIZER}.matching.gains'
CLASSIFIERS = {
    'no classifier, gains 0.9, 0.6': {**NO_CLASSIFIER, GAINS: (0.9, 0.6)},
    'no classifier': NO_CLASSIFIER,
    'classifier, gains 0.9, 0.6': {GAINS: (0.9, 0.6)},
    'classifier': {},
}

TABLES: dict[str, list[Variant]] = {
    'exemplars': [
        *(Variant(f'{kind}, matching', {}, kind) for kind in ('mask', 'box', 'point')),
        *(Variant(f'{kind}, no matching', NO_MATCHING, kind) for kind in ('mask', 'box', 'point')),
    ],
    'refinements': [
        Variant('as shipped'),
        *(Variant(f'blobs below {share:.0%}', {OUTPUT: [blobs(share)]}) for share in (0.05, 0.2)),
        *(
            Variant(f'guided, radius {radius}, eps {eps}', {OUTPUT: [guided(radius, eps)]})
            for radius, eps in ((1, 0.01), (2, 0.01), (4, 0.01), (2, 0.1))
        ),
    ],
    'memory': [
        Variant('as shipped'),
        *(Variant(f'past {name}', memory(capacity=count, scale=scale)) for name, count, scale in PAST),
        Variant('first exemplar x 0.5', {FIRST: 0.5}),
        *(Variant(f'confidence above {least}', memory(min_confidence=least)) for least in (0.8, 0.9)),
        Variant('dH in a clip up to 0.3', memory(max_change=0.3)),
        *(Variant(f'every {every} frames, {most} kept', found(every, most)) for every, most in FOUND),
    ],
    'prompts': [
        *(Variant(f'{kind}, as a query', dict(prompt_masks=None), kind) for kind in ('point', 'box')),
        *(Variant(f'{kind}, mask without GrabCut', prompt_masks(iterations=0), kind) for kind in ('point', 'box')),
        *(Variant(f'{kind}, mask', prompt_masks(), kind) for kind in ('point', 'box')),
    ],
    'kinds': [Variant(kind, {}, kind) for kind in ('mask', 'box', 'point')],
    'classifier': [
        Variant(f'{kind}, {name}', changes, kind) for kind in ('mask', 'point') for name, changes in CLASSIFIERS.items()
    ],
    'matching': [Variant('as shipped'), *(Variant(name, matching(**changes)) for name, changes in READOUTS.items())],
}
