"""Association methods that ``association_study.py`` compares: settings of associators and descriptors."""

BY_APPEARANCE = dict(appearance=True, shape_position=False)
BY_SHAPE = dict(appearance=False, shape_position=True)


def summed(**settings: object) -> dict:
    """Eq. 6 with these settings of ``CueSum``."""
    return dict(similarity=dict(type='CueSum', **settings))


def weighted(shape_similarity: str, shape_weight: float, **settings: object) -> dict:
    """Two terms with these settings of ``WeightedCues``."""
    return dict(
        similarity=dict(type='WeightedCues', shape_similarity=shape_similarity, shape_weight=shape_weight, **settings)
    )


# Method -> changes of the associator (``descriptor``: of the descriptors); the first two are references.
VARIANTS: dict[str, dict] = {
    'appearance': dict(thing=BY_APPEARANCE),
    'Eq. 6 (raw)': {},
    'appearance, all queries': dict(thing=BY_APPEARANCE, confident_only=False),
    'Eq. 6 as written: raw, all queries': dict(confident_only=False),
    'exp(-dH / 0.5) x 1, all queries': dict(weighted('exp_change', 1.0, scale=0.5), confident_only=False),
    'raw, H x 3': summed(weight=3.0),
    'raw, H x 10': summed(weight=10.0),
    'unit q': summed(normalize='unit'),
    'unit q, H x 0.3': summed(normalize='unit', weight=0.3),
    'unit q, unit H': summed(normalize='unit', unit_cues=True),
    'unit q, unit H x 0.5': summed(normalize='unit', unit_cues=True, weight=0.5),
    'cosine x 0.5': weighted('cosine', 0.5),
    'cosine x 1': weighted('cosine', 1.0),
    'centred cosine x 0.5': weighted('centred', 0.5),
    'centred cosine x 1': weighted('centred', 1.0),
    'exp(-dH / 0.3) x 0.5': weighted('exp_change', 0.5, scale=0.3),
    'exp(-dH / 0.3) x 1': weighted('exp_change', 1.0, scale=0.3),
    'exp(-dH / 0.5) x 0.5': weighted('exp_change', 0.5, scale=0.5),
    'exp(-dH / 0.5) x 1': weighted('exp_change', 1.0, scale=0.5),
    'exp(-dH / 1) x 1': weighted('exp_change', 1.0, scale=1.0),
    'exp(-dH / 0.5) x 1, hard bins of 200 points': dict(
        weighted('exp_change', 1.0, scale=0.5), descriptor=dict(points=200, binning='hard')
    ),
    'exp(-dH / 0.5) x 1, 24 radii': dict(weighted('exp_change', 1.0, scale=0.5), descriptor=dict(radius_bins=24)),
    'descriptors alone, cosine': dict(thing=BY_SHAPE, **weighted('cosine', 1.0)),
    'descriptors alone, centred cosine': dict(thing=BY_SHAPE, **weighted('centred', 1.0)),
    'descriptors alone, exp(-dH / 0.5)': dict(thing=BY_SHAPE, **weighted('exp_change', 1.0, scale=0.5)),
    'TrajectoryAssociator': dict(type='TrajectoryAssociator', memory=20, motion_update_score_thr=0.8),
}
