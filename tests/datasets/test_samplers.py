"""Clips in order, draws reproducible and resumable."""

import itertools

import pytest
import torch
from mmdet.registry import DATASETS
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader

from gvseg.datasets import ClipConcatDataset, ClipDrawSampler, ClipSampler, DataError
from gvseg.datasets.samplers import clip_sampler, share_videos
from gvseg.models.heads.clip_batch import clip_seed

SAMPLE = dict(type='TemporalContrastiveFrameSample', clip_length=2, num_references=1)
TRAIN = [
    SAMPLE,
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'),
    dict(type='ClipResize', ratio=(1.0, 1.5)),
    dict(type='ClipRandomCrop', size=(40, 64)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotoMetricDistortion'),
    dict(type='MakeExemplars', dim=64),
    dict(type='PackClipInputs'),
]


class Lengths:
    """Data set that knows lengths only."""

    def __init__(self, *lengths: int) -> None:
        self.lengths = lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def get_len_per_video(self, index: int) -> int:
        return self.lengths[index]


def test_clips_in_order_short_video_padded_by_its_last_frame():
    sampler = ClipSampler(Lengths(4, 1, 3), clip_length=3)
    clips = list(sampler)
    assert len(sampler) == len(clips) == 4
    assert clips[0] == (0, [0, 1, 2])
    assert clips[1][0] == 0 and clips[1][1][-1] == 3
    assert clips[2:] == [(1, [0, 0, 0]), (2, [0, 1, 2])]


def test_overlapping_clips_cover_every_frame():
    clips = list(ClipSampler(Lengths(7), clip_length=3, overlap=1))
    assert [frames[0] for _, frames in clips] == [0, 2, 4]
    assert {f for _, frames in clips for f in frames} == set(range(7))


def test_whole_video_as_one_clip():
    assert list(ClipSampler(Lengths(2, 5), clip_length=0)) == [(0, [0, 1]), (1, [0, 1, 2, 3, 4])]


@pytest.mark.parametrize('length, overlap', [(3, 3), (2, -1), (-1, 0)])
def test_impossible_clips_are_refused(length, overlap):
    with pytest.raises(ValueError, match='do not fit'):
        ClipSampler(Lengths(4), clip_length=length, overlap=overlap)


def test_a_video_stays_on_one_rank(monkeypatch):
    seen = []
    for rank in range(2):
        monkeypatch.setattr(clip_sampler, 'get_dist_info', lambda: (rank, 2))
        seen.append({v for v, _ in ClipSampler(Lengths(9, 4, 3, 2), 3)})
    assert seen == [{0}, {1, 2, 3}]
    assert share_videos([5], 2) == [[0], []]


def take(sampler, count: int) -> list:
    """The first items of an endless sampler."""
    return list(itertools.islice(sampler, count))


def test_draws_are_shuffled_rounds():
    draws = take(ClipDrawSampler(Lengths(1, 1, 1, 1), seed=3), 12)
    assert [draw for _, draw in draws] == list(range(12))
    for start in (0, 4, 8):
        assert {v for v, _ in draws[start : start + 4]} == {0, 1, 2, 3}


def test_ranks_share_the_stream_of_one_process(monkeypatch):
    whole = take(ClipDrawSampler(Lengths(1, 1, 1), seed=3), 12)
    parts = []
    for rank in range(2):
        monkeypatch.setattr(clip_sampler, 'get_dist_info', lambda: (rank, 2))
        parts.append(take(ClipDrawSampler(Lengths(1, 1, 1), seed=3), 6))
    assert [d for pair in zip(*parts) for d in pair] == whole


def test_skip_continues_the_stream(monkeypatch):
    monkeypatch.setattr(clip_sampler, 'get_dist_info', lambda: (1, 2))
    whole = take(ClipDrawSampler(Lengths(1, 1, 1), seed=3), 10)
    resumed = ClipDrawSampler(Lengths(1, 1, 1), seed=3)
    resumed.skip(6)
    assert take(resumed, 4) == whole[6:]


def assert_equal_items(first: dict, second: dict) -> None:
    """Inputs, masks and exemplars of two items are the same."""
    assert torch.equal(first['inputs'], second['inputs'])
    for one, two in zip(first['data_samples'], second['data_samples']):
        assert one.frame_id == two.frame_id
        assert (one.gt_instances.masks.masks == two.gt_instances.masks.masks).all()
        assert torch.equal(one.exemplars.points, two.exemplars.points)


def unpack(batch: dict) -> list:
    """Items of a batch made by ``pseudo_collate``."""
    return [dict(inputs=i, data_samples=s) for i, s in zip(batch['inputs'], batch['data_samples'])]


def test_resuming_gives_the_items_of_a_run_that_never_stopped(configs):
    dataset = DATASETS.build(dict(configs['evs'], pipeline=TRAIN, seed=4))

    def batches(skip: int, count: int, workers: int) -> list:
        sampler = ClipDrawSampler(dataset, seed=9)
        sampler.skip(skip)
        loader = DataLoader(dataset, batch_size=2, sampler=sampler, collate_fn=pseudo_collate, num_workers=workers)
        items = itertools.islice(iter(loader), count)
        return [item for batch in items for item in unpack(batch)]

    whole = batches(0, 4, workers=0)
    resumed = batches(4, 2, workers=2)
    assert len(resumed) == 4
    for one, two in zip(whole[4:], resumed):
        assert_equal_items(one, two)


def test_draws_differ_and_seeds_differ(configs):
    make = lambda seed: DATASETS.build(  # noqa: E731
        dict(configs['evs'], pipeline=TRAIN, seed=seed)
    )
    first, other = make(1), make(2)
    assert_equal_items(first[0, 5], first[0, 5])
    assert not torch.equal(first[0, 5]['inputs'], first[0, 6]['inputs'])
    assert not torch.equal(first[0, 5]['inputs'], other[0, 5]['inputs'])


def test_the_heads_randomness_differs_between_draws_and_not_between_equal_ones(configs):
    """A video of 8 frames has 7 clips of 2: without the draw, crops of one clip would share a seed."""
    make = lambda seed: DATASETS.build(  # noqa: E731
        dict(configs['evs'], pipeline=TRAIN, seed=seed)
    )

    def seeds(dataset: object, draws: range) -> list[int]:
        items = [dataset[0, draw]['data_samples'] for draw in draws]
        assert [frame.draw for frame in items[3]] == [(dataset.seed, 3)] * 4
        return [clip_seed([item[0], item[1]]) for item in items]

    first = seeds(make(1), range(60))
    assert len(set(first)) == 60
    assert seeds(make(1), range(5)) == first[:5]
    assert not set(seeds(make(2), range(5))) & set(first)
    key, reference = make(1)[0, 3]['data_samples'], make(1)[1, 3]['data_samples']
    assert clip_seed([key[0], key[1]]) != clip_seed([reference[0], reference[1]])


def test_concatenation_with_shares(configs):
    parts = [DATASETS.build(dict(configs['evs'], pipeline=TRAIN)) for _ in range(2)]
    both = ClipConcatDataset(parts)
    sampler = ClipDrawSampler(both, seed=0, shares=(3, 1))
    videos = [video for video, _ in take(sampler, 400)]
    assert 260 < sum(video < len(parts[0]) for video in videos) < 340
    assert_equal_items(both[len(parts[0]), 3], parts[1][0, 3])
    with pytest.raises(ValueError, match='1 shares for 2 datasets'):
        ClipDrawSampler(both, seed=0, shares=(1,))


def test_a_draw_without_anything_to_learn_is_replaced(configs):
    crop = dict(type='ClipRandomCrop', size=(2, 2), attempts=1)
    pipeline = TRAIN[:3] + [crop, dict(type='PackClipInputs')]
    dataset = DATASETS.build(dict(configs['evs'], pipeline=pipeline))
    first, again = dataset[0, 0], dataset[0, 0]
    assert first['inputs'].shape == (4, 3, 2, 2)
    assert torch.equal(first['inputs'], again['inputs'])
    hopeless = DATASETS.build(
        dict(
            configs['evs'],
            max_attempts=3,
            pipeline=TRAIN[:3] + [dict(type='ClipResize', short_sides=(1,)), dict(type='PseudoVideo', min_area=0.9)],
        )
    )
    with pytest.raises(DataError, match='nothing to train on'):
        hopeless[0, 0]
