"""Rows of the paper's table 4 with its numbers (VIPSeg, ResNet-50), and of the encoder-only network.

Their configs are in ``configs/ablation``.
"""

ROWS = {
    '4a': {
        'Baseline': 'baseline',
        '+ SPA query matching': 'spa',
        '+ Task-oriented init. & association': 'init',
        '+ Task-oriented TCL': 'tcl',
        'GvSeg': 'all',
        '+ init., the grid in place of learned queries': 'grid',
    },
    '4b': {
        'tau 0.1, queue of 100': 'tau01-queue100',
        'tau 0.2, queue of 100 (GvSeg)': '4a-all',
        'tau 0.2, queue of 200': 'tau02-queue200',
        'tau 0.3, queue of 100': 'tau03-queue100',
        'tau 0.3, queue of 200': 'tau03-queue200',
    },
    '4c': {
        '12 angles, 6 radii': '12x6',
        '24 angles, 12 radii': '24x12',
        '36 angles, 12 radii (GvSeg)': '4a-all',
        '36 angles, 18 radii': '36x18',
        '48 angles, 12 radii': '48x12',
    },
    '4d': {
        '1: things and stuff by appearance': 'row1',
        '2: things also by shape and position (GvSeg)': 'row2',
        '3: stuff also by shape and position': 'row3',
        '4: both also by shape and position': 'row4',
    },
    '4e': {
        '1: things near frames, stuff near frames': 'row1',
        '2: things near frames, stuff dataset': 'row2',
        '3: things video, stuff near frames': 'row3',
        '4: things video, stuff dataset (GvSeg)': '4a-all',
    },
    'vit': {
        'Baseline, encoder-only': 'baseline',
        '+ SPA query matching': 'spa',
        '+ Task-oriented TCL': 'tcl',
        '+ SPA query matching and TCL': 'all',
        'query propagation (VidEoMT)': 'propagated',
    },
    'prototypes': {
        'one stuff query a class (GvSeg)': '4a-all',
        'free matching, class means at test (Eq. 9 as written)': 'free',
    },
    'cues': {'of the masks predicted (GvSeg)': '4a-all', 'of the ground truth while training': 'ground-truth'},
}
# (VPQ, STQ).
PAPER = {
    '4a': {
        'Baseline': (36.0, 37.3),
        '+ SPA query matching': (37.8, 38.5),
        '+ Task-oriented init. & association': (40.1, 40.7),
        '+ Task-oriented TCL': (41.2, 42.0),
        'GvSeg': (44.0, 44.9),
    },
    '4b': {
        'tau 0.1, queue of 100': (43.3, 43.9),
        'tau 0.2, queue of 100 (GvSeg)': (44.0, 44.9),
        'tau 0.2, queue of 200': (44.1, 45.1),
        'tau 0.3, queue of 100': (43.6, 44.4),
        'tau 0.3, queue of 200': (43.7, 44.6),
    },
    '4c': {
        '12 angles, 6 radii': (43.1, 43.8),
        '24 angles, 12 radii': (43.6, 44.3),
        '36 angles, 12 radii (GvSeg)': (44.0, 44.9),
        '36 angles, 18 radii': (43.9, 45.0),
        '48 angles, 12 radii': (44.0, 44.8),
    },
    '4d': {
        '1: things and stuff by appearance': (42.1, 43.1),
        '2: things also by shape and position (GvSeg)': (44.0, 44.9),
        '3: stuff also by shape and position': (41.7, 42.8),
        '4: both also by shape and position': (42.9, 43.4),
    },
    '4e': {
        '1: things near frames, stuff near frames': (40.1, 40.7),
        '2: things near frames, stuff dataset': (42.4, 43.3),
        '3: things video, stuff near frames': (43.0, 43.9),
        '4: things video, stuff dataset (GvSeg)': (44.0, 44.9),
    },
}
# Tables whose rows only differ in association -> the row that is trained.
SAME_WEIGHTS = {'4d': '4a-all'}
# Initial weights of rows that do not start from the pre-trained queries and one additional query per stuff class.
LEARNED = {('4a', 'baseline'), ('4a', 'spa'), ('4a', 'tcl')} | {('vit', row) for row in ROWS['vit'].values()}
FROM_GRID = {('4a', 'grid')}
# Pre-training of every row of a table, where it is not that with learned queries.
OTHER_START = {'vit': 'vit'}
