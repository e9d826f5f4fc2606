"""The browser of data sets: the labels of pairs, and PNGs of training and test items."""

import sys

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from gvseg.moving_shapes import SplitSettings, generate_split
from gvseg.visualization.layout import sheet_width
from gvseg.visualization.segments import FrameSegments
from tests.scripts import ROOT, tool

browse = tool('browse_dataset')


def frame(*parts) -> FrameSegments:
    """Squares of 12 pixels in a 40 x 60 frame, each (id, left edge, individual); the id of a region is its label."""
    masks = np.zeros((len(parts), 40, 60), bool)
    for mask, (_, left, _) in zip(masks, parts):
        mask[10:22, left : left + 12] = True
    ids = np.array([part[0] for part in parts])
    individual = np.array([part[2] for part in parts])
    return FrameSegments(masks, np.where(individual, 0, ids), ids, individual, ('cat', 'grass'))


def test_labels_of_pairs():
    """Object 1 stays (positive), object 5 moves half the frame (negative); grass (label 1) goes by class."""
    config = Config(
        dict(
            model=dict(
                track_head=dict(
                    contrastive=dict(sampler=dict(type='TCLSampler', threshold=0.2), semantic_classes=(1, 2)),
                    feat_channels=64,
                )
            )
        )
    )
    pairs = browse.Pairs(config)
    clips = [[frame((1, 4, True), (5, 20, True), (1, 44, False))], [frame((1, 4, True), (5, 46, True), (1, 30, False))]]
    key, names, _ = pairs.tubes(clips[:1])
    others, _, _ = pairs.tubes(clips[1:])
    assert [name.strip() for name in names] == ['1 cat', '5 cat', 'grass']
    signs, change = pairs.labelled(key, others)
    assert signs.tolist() == [[1, -1, 0], [-1, -1, 0], [0, 0, 1]]
    assert change[0, 0] == 0 and change[1, 1] > 0.2
    table = browse.pair_table(pairs, clips, 600)
    assert table.shape == (4 * browse.CELL, 600, 3)
    light = (np.asarray(browse.GREEN) + 255) // 2
    assert (table[browse.CELL + 3, 190 + 3] == light).all()


@pytest.mark.parametrize('mode', ['train', 'test'])
def test_pictures(mode, tmp_path, monkeypatch, capsys):
    for split in ('train', 'val'):
        generate_split(tmp_path, SplitSettings(split, 2, 6, 0, (96, 160)))
    bases = [f'{ROOT}/configs/{name}.py' for name in ('_base_/datasets/moving_shapes_evs', 'default_runtime')]
    (tmp_path / 'evs.py').write_text(
        f'_base_ = {bases}\ntrain_dataloader = dict(dataset=dict(data_root={str(tmp_path / "train/ytvos")!r}))\n'
        f'test_dataloader = dict(dataset=dict(data_root={str(tmp_path / "val/ytvos")!r}))\n'
    )
    monkeypatch.setattr(
        sys,
        'argv',
        ['browse_dataset.py', str(tmp_path / 'evs.py'), '--mode', mode, '--items', '2', '--out', str(tmp_path / 'out')],
    )
    browse.main()
    paths = sorted((tmp_path / 'out').glob('*.png'))
    assert [path.name for path in paths] == [f'{mode}_000.png', f'{mode}_001.png']
    picture = cv2.imread(str(paths[0]))
    assert picture.shape[1] == sheet_width(3, browse.WIDTH) and picture.std() > 20
