"""The panoptic metric equals the folder scorer, for any division into clips."""

import json
import pickle

import numpy as np
import pytest
import torch
from mmdet.registry import METRICS
from mmengine.structures import PixelData

import gvseg.evaluation.metrics  # noqa: F401
from gvseg.evaluation.functional.benchmarks.vipseg import evaluate_vipseg
from gvseg.formats.errors import InputError
from tests.evaluation.metric_fixtures import feed, sample
from tests.evaluation.panoptic_fixtures import THINGS, make_vipseg, write_ids

# Labels of the panoptic case: things first, each group by category id.
ORDER = (2, 3, 0, 1)


def pack(ids, categories):
    """(H,W) predicted ids as the model packs them: label * 2**16 + instance, -1 void."""
    packed = np.full(ids.shape, -1, np.int64)
    for identity, category in categories.items():
        packed[ids == identity] = ORDER.index(category) * 2**16 + (identity if category in THINGS else 0)
    return packed


def panoptic_frames(videos, repeat=1):
    """Frames of every video; maps are magnified `repeat` times."""
    result = []
    for name, (_, _, predicted, categories) in videos.items():
        frames = [sample(name, index, len(predicted)) for index in range(len(predicted))]
        for frame, ids in zip(frames, predicted):
            packed = pack(ids, categories).repeat(repeat, 0).repeat(repeat, 1)
            frame.pred_panoptic_seg = PixelData(sem_seg=torch.from_numpy(packed)[None])
        result.append(frames)
    return result


@pytest.fixture
def vipseg(tmp_path):
    """Folder, frames and numbers of a VIPSeg case."""
    videos = make_vipseg(tmp_path)
    return tmp_path, panoptic_frames(videos), evaluate_vipseg(tmp_path / 'gt', tmp_path / 'pred')


def panoptic_metric(root, **more):
    """The metric on the case's ground truth."""
    return METRICS.build(
        dict(
            type='VideoPanopticMetric',
            ann_file=str(root / 'gt' / 'panoptic_gt_VIPSeg.json'),
            seg_prefix=str(root / 'gt' / 'panomasksRGB'),
            **more,
        )
    )


def check_panoptic(numbers, expected):
    """Equal to the folder scorer's numbers; those are percentages."""
    for length in (1, 2, 4, 6):
        assert 100 * numbers[f'vps/VPQ{length}'] == pytest.approx(expected[f'VPQ{length}']['all'])
    mean = expected['VPQ_1246_as_in_papers']
    for name, group in (('VPQ', 'all'), ('VPQ_th', 'thing'), ('VPQ_st', 'stuff')):
        assert 100 * numbers[f'vps/{name}'] == pytest.approx(mean[group])
    for name, other in (('STQ', 'STQ'), ('AQ', 'AQ'), ('SQ', 'SQ_IoU')):
        assert numbers[f'vps/{name}'] == pytest.approx(expected['STQ'][other])


@pytest.mark.parametrize('clip', [1, 3, 50])
@pytest.mark.parametrize('meta', [None, {'category_ids': list(ORDER)}])
def test_panoptic_metric_equals_the_folder_scorer(vipseg, clip, meta):
    root, videos, expected = vipseg
    metric = panoptic_metric(root)
    metric.dataset_meta = meta
    feed(metric, videos, clip, as_dict=clip == 3)
    check_panoptic(metric.evaluate(3), expected)


def test_panoptic_results_are_merged_and_padding_counts_once(vipseg):
    root, videos, expected = vipseg
    parts = [panoptic_metric(root), panoptic_metric(root)]
    feed(parts[0], videos[:1], 2)
    feed(parts[1], videos[1:] + [videos[0][:4]], 3)
    for part in parts:
        part._close()
    parts[0].results.extend(pickle.loads(pickle.dumps(parts[1].results)))
    check_panoptic(parts[0].evaluate(3), expected)


def test_panoptic_files_are_what_the_folder_scorer_reads(vipseg, tmp_path):
    root, videos, expected = vipseg
    metric = panoptic_metric(root, format_only=True, outfile_prefix=str(tmp_path / 'out'))
    feed(metric, videos, 4)
    assert metric.evaluate(3) == {}
    again = evaluate_vipseg(root / 'gt', tmp_path / 'out')
    assert again['VPQ_1246_as_in_papers'] == pytest.approx(expected['VPQ_1246_as_in_papers'])
    assert again['STQ']['STQ'] == pytest.approx(expected['STQ']['STQ'])


def test_nothing_predicted_gives_zeros(vipseg):
    root, videos, _ = vipseg
    for frame in (frame for frames in videos for frame in frames):
        frame.pred_panoptic_seg.sem_seg.fill_(-1)
    metric = panoptic_metric(root)
    feed(metric, videos, 5)
    assert set(metric.evaluate(3).values()) == {0.0}


def test_a_part_of_the_videos_is_scored_with_a_warning(vipseg):
    root, videos, expected = vipseg
    metric = panoptic_metric(root)
    feed(metric, videos[:1], 5)
    with pytest.warns(UserWarning, match='1 of the 3 videos'):
        assert metric.evaluate(1)['vps/STQ'] == pytest.approx(expected['STQ']['STQ_per_seq'][0])


def test_panoptic_state_does_not_grow_with_pixels(tmp_path):
    sizes = []
    for repeat in (1, 8):
        root = tmp_path / str(repeat)
        videos = make_vipseg(root, lengths=(6,))
        for index, ids in enumerate(videos['v0'][0]):
            write_ids(root / 'gt' / 'panomasksRGB' / 'v0' / f'{index:04d}.png', ids.repeat(repeat, 0).repeat(repeat, 1))
        metric = panoptic_metric(root)
        content = json.loads((root / 'gt' / 'panoptic_gt_VIPSeg.json').read_text())
        for frame in content['annotations'][0]['annotations']:
            for segment in frame['segments_info']:
                segment['area'] *= repeat**2
        (root / 'gt' / 'panoptic_gt_VIPSeg.json').write_text(json.dumps(content))
        feed(metric, panoptic_frames(videos, repeat), 3)
        sizes.append(len(pickle.dumps(metric._state)))
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize(
    ('change', 'word'),
    [
        (lambda frame: frame.set_metainfo(dict(video_id='other')), 'other'),
        (lambda frame: frame.set_metainfo(dict(img_path='imgs/v0/0009.jpg')), '0000'),
        (lambda frame: frame.pred_panoptic_seg.sem_seg.fill_(4 * 2**16), 'out of range'),
        (lambda frame: delattr(frame, 'pred_panoptic_seg'), 'pred_panoptic_seg'),
        (lambda frame: setattr(frame, 'pred_panoptic_seg', PixelData(sem_seg=torch.zeros(1, 3, 3).long())), '(3, 3)'),
    ],
)
def test_wrong_panoptic_frames_are_named(vipseg, change, word):
    root, videos, _ = vipseg
    change(videos[0][0])
    with pytest.raises(InputError, match='frame 0') as error:
        feed(panoptic_metric(root), videos, 2)
    assert word in str(error.value)


def test_panoptic_arguments_are_checked():
    with pytest.raises(ValueError, match='ann_file'):
        METRICS.build(dict(type='VideoPanopticMetric'))
    with pytest.raises(ValueError, match='windows'):
        METRICS.build(dict(type='VideoPanopticMetric', ann_file='x', seg_prefix='y', windows=()))
