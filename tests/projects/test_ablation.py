"""The ablation's table: means over seeds, paired intervals; the weights that rows start from and are scored with."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from gvseg.apis.loading import load_model
from gvseg.evaluation.functional.measures.panoptic_resampling import VideoCounts
from gvseg.moving_shapes import SplitSettings, generate_split

FOLDER = Path(__file__).resolve().parents[2] / 'projects/studies'


@pytest.fixture(scope='module')
def ablation():
    sys.path.insert(0, str(FOLDER))
    spec = importlib.util.spec_from_file_location('ablation', FOLDER / 'ablation.py')
    module = importlib.util.module_from_spec(spec)
    sys.modules['ablation'] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(FOLDER))


def counts(found, videos=8):
    """Videos of one thing class (label 0) with 4 things each; ``found[v]`` of them are segmented, without error."""
    found = np.resize(found, videos)
    quality = np.zeros((videos, 4, 11, 4), np.float32)
    quality[:, :, 0] = np.stack([found, found, 4 - found, 4 - found], -1)[:, None]
    whole = np.full(videos, 4, np.int32)
    return VideoCounts(
        np.array([f'{index}' for index in range(videos)]),
        quality,
        np.zeros((videos, 12, 12), np.int32),
        found.astype(np.float32),
        whole,
        found.astype(np.int32),
        whole,
    )


def write(module, root, row, seed, found):
    path = module.run_of('4a', row, seed).counts_file(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    counts(found).save(path)


def test_means_over_seeds_and_paired_difference(ablation, tmp_path):
    for seed in (0, 1):
        write(ablation, tmp_path, 'baseline', seed, [1, 2])
        write(ablation, tmp_path, 'all', seed, [2, 3])  # one thing more in every video: no spread in the difference
    write(ablation, tmp_path, 'spa', 1, [1, 2])
    lines = ablation.table_text('4a', [0, 1], tmp_path).splitlines()
    rows = {line.split(' | ')[0]: line.split(' | ') for line in lines}
    # Baseline: 12 of 32 found, as many false as missed: PQ = 12 / 32.
    assert rows['| Baseline'][1:3] == ['2 of 2', '37.5']
    assert rows['| GvSeg'][2] == '62.5'
    assert rows['| GvSeg'][-3:] == ['+25.0 (+25.0 to +25.0)', '+25.0 (+25.0 to +25.0)', '44.0, 44.9 |']
    assert rows['| + SPA query matching'][1] == '1 of 2'
    assert rows['| + SPA query matching'][-3] == '+0.0 (+0.0 to +0.0)'
    assert rows['| + Task-oriented TCL'][1:3] == ['0 of 2', 'not run']


def test_interval_of_a_difference_that_varies_holds_its_mean(ablation, tmp_path):
    write(ablation, tmp_path, 'baseline', 0, [2])
    write(ablation, tmp_path, 'all', 0, [2, 4])
    line = next(line for line in ablation.table_text('4a', [0], tmp_path).splitlines() if line.startswith('| GvSeg'))
    mean, low, _, high = line.split(' | ')[-3].replace('(', '').replace(')', '').split()
    assert float(mean) == 25 and 0 <= float(low) < 25 < float(high) <= 50


def test_every_row_has_its_config_and_its_start(ablation):
    for table, rows in ablation.ROWS.items():
        for row in rows.values():
            run = ablation.run_of(table, row, 0)
            assert run.config.name.endswith(f'_{run.table}-{run.row}.py')
            config = Config.fromfile(run.config)
            folder = f'work_dirs/ablation/pretrain/{run.pretrained.row}/seed_0/'
            pretraining = Config.fromfile(run.pretrained.config)
            last = f'iter_{pretraining.train_cfg.max_iters}.pth'
            assert config.load_from in (folder + last, folder + 'with_class_queries.pth')
            assert pretraining.load_from is None


def queries(run):
    return Config.fromfile(run.config).model.track_head.num_queries


def test_rows_start_from_a_segmenter_with_their_queries(ablation):
    for row in ablation.ROWS['4a'].values():
        run = ablation.Run('4a', row, 0)
        adds = Config.fromfile(run.config).load_from.endswith('with_class_queries.pth')
        assert queries(run) == queries(run.pretrained) + 5 * adds
        assert Config.fromfile(run.pretrained.config).model.track_head.num_frames == 1


def test_class_queries_are_copies_of_those_that_name_their_class_most_often(ablation, tmp_path):
    rows = torch.arange(3.0)[:, None].expand(3, 2)
    state = {name: rows.clone() for name in ('track_head.query_feat.weight', 'track_head.query_embed.weight')}
    torch.save({'state_dict': dict(state, other=torch.zeros(1))}, tmp_path / 'weights.pth')
    counts = np.array([[9, 0, 1], [0, 5, 2], [0, 6, 0]])  # of classes 0, 1, 2; classes 1 and 2 get a query
    out = ablation.with_class_queries(tmp_path / 'weights.pth', counts, (1, 3), tmp_path / 'start.pth')
    found = torch.load(out)['state_dict']
    assert found['track_head.query_feat.weight'][:, 0].tolist() == [0, 1, 2, 2, 1]
    assert found['track_head.query_embed.weight'].shape == (5, 2) and found['other'].shape == (1,)


def test_how_often_queries_name_classes_is_counted_on_the_validation_frames(ablation, tmp_path, monkeypatch):
    pretrain = ablation.Run('pretrain', 'learned', 0)
    generate_split(tmp_path / 'data', SplitSettings('val', 1, seed=3))
    options = {
        'val_dataloader.dataset.data_root': str(tmp_path / 'data/val/vipseg'),
        'val_dataloader.num_workers': 0,
        'val_dataloader.persistent_workers': False,
        'model.track_head.loss_cls.class_weight': [1.0] * 11 + [0.1],
    }
    config = Config.fromfile(pretrain.config)
    config.merge_from_dict(options)
    config.dump(tmp_path / 'config.py')
    model, _ = load_model(config, None)
    torch.nn.init.zeros_(model.track_head.cls_embed.weight)
    with torch.no_grad():
        model.track_head.cls_embed.bias.copy_(torch.eye(12)[7] * 20)  # every query is confident of class 7
    torch.save({'state_dict': model.state_dict()}, tmp_path / 'weights.pth')
    counts = ablation.class_counts(tmp_path / 'config.py', tmp_path / 'weights.pth')
    frames = counts[0, 7]
    assert counts.shape == (25, 11) and frames > 0 and counts.sum() == 25 * frames and (counts[:, 7] == frames).all()


def test_every_row_of_4a_has_as_many_queries_that_may_take_things(ablation):
    def capable(row):
        initializer = Config.fromfile(ablation.Run('4a', row, 0).config).model.track_head.query_initializer
        parts = initializer.get('parts', [initializer])
        return sum(part.num_queries for part in parts if part.get('classes', (0, 11))[0] == 0)

    rows = ablation.ROWS['4a'].values()
    assert {row: capable(row) for row in rows} == dict.fromkeys(rows, 25)


def test_rows_that_differ_in_association_only_share_weights(ablation):
    for row in ablation.ROWS['4d'].values():
        run = ablation.run_of('4d', row, 2)
        assert run.trained == ablation.Run('4a', 'all', 2)
        config, trained = Config.fromfile(run.config), Config.fromfile(run.trained.config)
        assert config.model.track_head == trained.model.track_head
        assert config.train_dataloader == trained.train_dataloader


def test_rows_that_are_gvseg_itself_are_not_trained_twice(ablation):
    assert [
        sum(ablation.run_of(table, row, 0) == ablation.Run('4a', 'all', 0) for row in rows.values())
        for table, rows in ablation.ROWS.items()
    ] == [table not in ('4d', 'vit') for table in ablation.ROWS]


def test_nothing_is_done_twice(ablation, tmp_path, monkeypatch):
    run = ablation.Run('4a', 'spa', 1)
    folders = [run.folder(tmp_path), run.pretrained.folder(tmp_path)]
    commands = []

    def fake(tool, *arguments):
        commands.append(tool)
        folder = folders[len([name for name in commands if name == 'train.py']) % 2]
        if tool == 'train.py':
            folder.mkdir(parents=True, exist_ok=True)
            (folder / 'iter_10.pth').touch()

    monkeypatch.setattr(ablation.Run, '_command', staticmethod(fake))
    run.train(tmp_path, [])
    assert commands == ['train.py', 'train.py']  # pre-training, then the row
    run.train(tmp_path, [])
    assert commands == ['train.py', 'train.py']
    write(ablation, tmp_path, 'spa', 1, [1])
    run.score(tmp_path)
    assert commands == ['train.py', 'train.py']
