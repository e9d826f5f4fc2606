"""The registered instance and panoptic metrics give the numbers of the file scorers, whatever the clips are."""

import json
import pickle
import zipfile

import numpy as np
import pytest
import torch
from mmdet.registry import METRICS
from mmdet.structures import DetDataSample, TrackDataSample
from mmengine.structures import InstanceData, PixelData

import gvseg.evaluation.metrics  # noqa: F401
from gvseg.evaluation.functional.benchmarks.kitti_step import evaluate_kitti_step
from gvseg.evaluation.functional.benchmarks.vipseg import evaluate_vipseg
from gvseg.evaluation.functional.benchmarks.youtube_vis import evaluate_youtube_vis
from gvseg.formats.errors import InputError

from .panoptic_fixtures import THINGS, make_vipseg, write_ids
from .tube_fixtures import SHAPE, annotation, box, dataset

# Labels of the panoptic case: things first, each group by category id.
ORDER = (2, 3, 0, 1)
BOX = box(2, 2, 10, 10)


def feed(metric, videos, clip, as_dict=True):
    """Give a metric all videos clip by clip, as mmengine's evaluator does."""
    for frames in videos:
        for start in range(0, len(frames), clip):
            track = TrackDataSample()
            track.video_data_samples = frames[start : start + clip]
            metric.process({}, [track.to_dict() if as_dict else track])


def sample(video, index, length, **more):
    """A frame without prediction."""
    return DetDataSample(
        metainfo=dict(
            img_path=f'imgs/{video}/{index:04d}.jpg', frame_id=index, video_id=video, ori_video_length=length, **more
        )
    )


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


@pytest.fixture
def kitti(tmp_path):
    """Folder, frames (labels: person 0, car 1, then stuff) and numbers of a KITTI-STEP case."""
    rng = np.random.default_rng(4)
    order = [11, 13] + [index for index in range(19) if index not in (11, 13)]
    frames = [
        sample('0002', index, 6, seg_map_path=str(tmp_path / 'gt' / '0002' / f'{index:04d}.png')) for index in range(6)
    ]
    for index, frame in enumerate(frames):
        cells = rng.choice([0, 8, 11, 13, 13, 255], (4, 6)).repeat(3, 0).repeat(3, 1)
        target = cells << 16 | np.where(np.isin(cells, (11, 13)), 1 + np.arange(18) // 6, 0)
        write_ids(tmp_path / 'gt' / '0002' / f'{index:04d}.png', target, red_is_high=True)
        answer = np.roll(np.where(cells == 255, 0, cells), 1, 1)
        instance = np.where(np.isin(answer, (11, 13)), 5 + np.arange(18) // 6, 0)
        write_ids(tmp_path / 'pred' / '0002' / f'{index:04d}.png', answer << 16 | instance, red_is_high=True)
        labels = np.vectorize(order.index)(answer)
        frame.pred_panoptic_seg = PixelData(sem_seg=torch.from_numpy(labels * 2**16 + instance)[None])
    return tmp_path, frames, evaluate_kitti_step(tmp_path / 'gt', tmp_path / 'pred'), {'category_ids': order}


def test_kitti_step_metric_equals_the_folder_scorer(kitti):
    root, frames, expected, meta = kitti
    metric = METRICS.build(dict(type='KITTIStepMetric', outfile_prefix=str(root / 'out')))
    metric.dataset_meta = meta
    feed(metric, [frames], 4)
    numbers = metric.evaluate(1)
    assert 100 * numbers['vps/VPQ'] == pytest.approx(expected['VPQ_mean_1234']['all'])
    assert 100 * numbers['vps/VPQ_th'] == pytest.approx(expected['VPQ_mean_1234']['thing'])
    assert numbers['vps/STQ'] == pytest.approx(expected['STQ']['STQ'])
    assert 0 < numbers['vps/AQ'] < 1 and 0 < numbers['vps/SQ'] < 1
    assert evaluate_kitti_step(root / 'gt', root / 'out') == expected


def tube_frames(video, masks, class_scores):
    """Frames of a video from masks {slot: [mask or None]} and class scores {slot: [scores of each frame]}."""
    length = len(next(iter(masks.values())))
    frames = [sample(video, index, length) for index in range(length)]
    for index, frame in enumerate(frames):
        slots = [slot for slot in masks if masks[slot][index] is not None]
        scores = torch.tensor([class_scores[slot][index] for slot in slots]).reshape(-1, 2)
        frame.pred_track_instances = InstanceData(
            masks=torch.from_numpy(np.array([masks[slot][index] for slot in slots], bool).reshape(-1, *SHAPE)),
            instances_id=torch.tensor(slots, dtype=torch.long),
            class_scores=scores,
            labels=scores.argmax(-1) if slots else torch.zeros(0),
            scores=scores.amax(-1) if slots else torch.zeros(0),
        )
    return frames


@pytest.fixture
def vis(tmp_path):
    """Ground truth file and frames: slot 4 is right, reported in two of three frames; slot 9 misses."""
    moved = [np.roll(BOX, step, 1) for step in range(3)]
    truth = dataset({5: 3, 2: 1}, [annotation(1, 5, 2, moved), annotation(2, 2, 1, [BOX])])
    (tmp_path / 'gt.json').write_text(json.dumps(truth))
    first = tube_frames(
        5,
        {4: [moved[0], None, moved[2]], 9: [box(0, 25, 3, 3)] * 3},
        {4: [[0.1, 0.9], None, [0.3, 0.5]], 9: [[0.2, 0.4]] * 3},
    )
    second = tube_frames(2, {0: [BOX]}, {0: [[0.6, 0.1]]})
    return tmp_path, [first, second]


def written_entries(root):
    """Content of the result file."""
    with zipfile.ZipFile(root / 'out.zip') as archive:
        return json.loads(archive.read('results.json'))


@pytest.mark.parametrize(('over', 'expected'), [('present', 0.7), ('all', 1.4 / 3)])
@pytest.mark.parametrize('clip', [1, 2, 9])
def test_tube_metric_writes_means_of_class_scores(vis, over, expected, clip):
    root, videos = vis
    metric = METRICS.build(
        dict(
            type='YouTubeVISVideoMetric',
            ann_file=str(root / 'gt.json'),
            score_over=over,
            outfile_prefix=str(root / 'out'),
        )
    )
    metric.dataset_meta = {'category_ids': [1, 2]}
    feed(metric, videos, clip, as_dict=clip == 2)
    numbers = metric.evaluate(2)
    # IoU 2/3 in video 5 (found at 0.5..0.65), 1 in video 2.
    assert numbers['vis/AP50'] == pytest.approx(1) and numbers['vis/AP'] == pytest.approx((0.4 + 1) / 2)
    written = evaluate_youtube_vis(root / 'gt.json', root / 'out.zip')
    assert {f'vis/{name}': value for name, value in written.items()} == numbers
    entries = written_entries(root)
    best = max((entry for entry in entries if entry['video_id'] == 5), key=lambda entry: entry['score'])
    assert best['score'] == pytest.approx(expected) and best['category_id'] == 2
    assert [mask is None for mask in best['segmentations']] == [False, True, False]


def test_tube_metric_keeps_the_best_pairs_only(vis):
    root, videos = vis
    metric = METRICS.build(
        dict(
            type='YouTubeVISVideoMetric',
            ann_file=str(root / 'gt.json'),
            max_per_video=1,
            format_only=True,
            outfile_prefix=str(root / 'out'),
        )
    )
    feed(metric, videos, 3)
    assert metric.evaluate(2) == {}
    entries = written_entries(root)
    assert [(entry['video_id'], entry['category_id']) for entry in entries] == [(2, 1), (5, 2)]


def test_tube_results_are_merged_and_empty_videos_are_legal(vis):
    root, videos = vis
    parts = [METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file=str(root / 'gt.json'))) for _ in range(2)]
    feed(parts[0], videos[:1], 3)
    feed(parts[1], [tube_frames(2, {0: [None]}, {})], 1)
    for part in parts:
        part._close()
    parts[0].results.extend(pickle.loads(pickle.dumps(parts[1].results)))
    assert parts[0].evaluate(2)['vis/AP'] == pytest.approx(0.4 / 2)


@pytest.mark.parametrize(
    ('change', 'word'),
    [
        (lambda frame: frame.set_metainfo(dict(video_id=77)), '77'),
        (lambda frame: delattr(frame, 'pred_track_instances'), 'pred_track_instances'),
        (lambda frame: setattr(frame.pred_track_instances, 'class_scores', torch.ones(2, 7)), '7 classes'),
    ],
)
def test_wrong_tube_frames_are_named(vis, change, word):
    root, videos = vis
    change(videos[0][0])
    with pytest.raises(InputError, match=word):
        feed(METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file=str(root / 'gt.json'))), videos, 2)


def test_tube_arguments_are_checked():
    with pytest.raises(ValueError, match='benchmark'):
        METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file='x', benchmark='coco'))
    with pytest.raises(ValueError, match='score_over'):
        METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file='x', score_over='some'))
