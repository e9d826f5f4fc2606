"""Draws of one recipe at a time, for one process as for several."""

from collections import Counter
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest

from gvseg.datasets import ClipConcatDataset, DataError, RecipeDrawSampler, VSPWDataset
from gvseg.datasets.samplers import clip_sampler
from gvseg.moving_shapes import SplitSettings, generate_split

SHARES = (0.3, 0.1, 0.2, 0.4)


class Parts:
    """A concatenation of data sets of 10 videos: two of the recipe "a", one of "b", one of "c"."""

    cumulative_sizes = (10, 20, 30, 40)

    def __init__(self) -> None:
        self.datasets = [SimpleNamespace(metainfo=dict(recipe=name)) for name in 'aabc']

    def __len__(self) -> int:
        return 40


def recipe(video: int) -> str:
    """Recipe of a video of :class:`Parts`."""
    return 'aabc'[video // 10]


def drawn(count: int, start: int = 0, group: int = 4) -> list[tuple[int, int]]:
    """The first draws of a sampler."""
    sampler = RecipeDrawSampler(Parts(), group=group, shares=SHARES, seed=3)
    sampler.skip(start)
    return list(islice(sampler, count))


def test_a_group_has_one_recipe_and_recipes_and_parts_have_their_shares():
    draws = drawn(4000)
    groups = [[recipe(video) for video, _ in draws[first : first + 4]] for first in range(0, 4000, 4)]
    assert all(len(set(group)) == 1 for group in groups)
    counts = Counter(group[0] for group in groups)
    assert counts == pytest.approx(dict(a=400, b=200, c=400), abs=3)
    parts = Counter(video // 10 for video, _ in draws)
    assert parts[0] / (parts[0] + parts[1]) == pytest.approx(0.75, abs=0.05)


def test_every_stretch_has_every_recipe():
    groups = [recipe(video) for video, _ in drawn(400)[::4]]
    for first in range(0, 90):
        assert set(groups[first : first + 10]) == set('abc')


def test_two_ranks_draw_what_one_process_draws_and_a_resumed_one_goes_on(monkeypatch):
    whole = drawn(32)
    assert drawn(20, start=12) == whole[12:]
    for rank in (0, 1):
        monkeypatch.setattr(clip_sampler, 'get_dist_info', lambda rank=rank: (rank, 2))
        assert drawn(16) == whole[rank::2]


def test_a_group_without_draws_is_refused():
    with pytest.raises(ValueError, match='at least one draw, not 0'):
        RecipeDrawSampler(Parts(), group=0, shares=SHARES, seed=3)


@pytest.fixture(scope='module')
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos of three frames, in all formats."""
    root = tmp_path_factory.mktemp('moving_shapes')
    generate_split(root, SplitSettings(split='train', videos=2, frames=3, seed=3))
    return root / 'train'


def data_set(root: Path, recipe: str, kind: str, **settings: object) -> dict:
    """Config of a training set whose items are a key clip of one frame."""
    steps = [
        dict(type='TemporalContrastiveFrameSample', clip_length=1, num_references=0),
        dict(type='LoadClipFrames'),
        dict(type='LoadClipAnnotations'),
        dict(type='PackClipInputs'),
    ]
    return dict(type=kind, data_root=str(root), metainfo=dict(recipe=recipe), pipeline=steps, **settings)


def test_parts_of_several_recipes_may_have_other_classes_and_frames_name_their_recipe(mmdet_scope, root):
    instances = data_set(
        root / 'ytvis',
        'vis',
        'YouTubeVISVideoDataset',
        ann_file='instances.json',
        data_prefix=dict(img_path='JPEGImages'),
    )
    objects = data_set(
        root / 'ytvos',
        'evs',
        'YouTubeVOSDataset',
        ann_file='meta.json',
        data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations'),
    )
    joined = ClipConcatDataset([instances, objects])
    assert joined.metainfo == dict(
        recipes=dict(vis=('disk', 'square', 'triangle', 'star', 'cross', 'ring'), evs=('object',))
    )
    assert [joined[index, 0]['data_samples'][0].metainfo['recipe'] for index in (0, 2)] == ['vis', 'evs']
    with pytest.raises(DataError, match="other classes than the data set of the recipe 'vis' before it"):
        ClipConcatDataset([instances, dict(objects, metainfo=dict(recipe='vis'))])


@pytest.mark.parametrize('make', [Path.mkdir, Path.touch])
def test_what_lies_in_the_working_directory_is_not_read_for_a_recipe(make, tmp_path: Path, monkeypatch) -> None:
    """mmengine takes texts of metainfo for names of files where there are such: configs/ has folders of these names."""
    make(tmp_path / 'vss')
    monkeypatch.chdir(tmp_path)
    dataset = VSPWDataset(metainfo=dict(recipe='vss', classes=('disk', 'sky')), data_root='nowhere', lazy_init=True)
    assert dataset.metainfo == dict(recipe='vss', classes=('disk', 'sky'))
