"""The registered metrics equal the folder scorers, for any division into clips."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet.registry import METRICS
from mmdet.structures import DetDataSample
from mmengine.structures import PixelData
from PIL import Image

import gvseg.evaluation.metrics  # noqa: F401
from gvseg.evaluation.functional.benchmarks.davis import evaluate_davis
from gvseg.evaluation.functional.benchmarks.vspw import evaluate_vspw
from gvseg.evaluation.functional.benchmarks.youtube_vos import evaluate_youtube_vos
from gvseg.formats.errors import InputError
from tests.evaluation.metric_fixtures import feed
from tests.evaluation.video_fixtures import make_davis, make_vspw, make_youtube_vos

VSPW_MAP = {**{value: value - 1 for value in range(1, 125)}}


def frame_sample(field: str, prediction: Path, target: Path, index: int, video: int, length: int) -> DetDataSample:
    """One predicted frame as the model returns it."""
    sample = DetDataSample(
        metainfo=dict(
            img_path=str(prediction),
            seg_map_path=str(target),
            frame_id=index,
            video_id=video,
            video_length=length,
            ori_video_length=length,
        )
    )
    values = torch.from_numpy(np.array(Image.open(prediction)).astype(np.int64))[None]
    setattr(sample, field, PixelData(sem_seg=values))
    return sample


def read_videos(field: str, predictions: Path, targets: Path, names, mask: str = ''):
    """Frames of every video."""
    videos = []
    for video, name in enumerate(names):
        files = sorted((predictions / name).glob('*.png'))
        videos.append(
            [
                frame_sample(field, file, targets / name / mask / file.name, index, video, len(files))
                for index, file in enumerate(files)
            ]
        )
    return videos


@pytest.fixture
def vspw(tmp_path):
    """VSPW folder, its videos and its numbers."""
    lengths = {'a': 20, 'b': 9, 'c': 4}
    make_vspw(tmp_path, lengths)
    videos = read_videos('pred_sem_seg', tmp_path / 'pred', tmp_path / 'gt' / 'data', lengths, 'mask')
    return tmp_path, videos, evaluate_vspw(str(tmp_path / 'gt'), str(tmp_path / 'pred'))


@pytest.mark.parametrize('clip', [1, 3, 50])
def test_semantic_metric_equals_the_folder_scorer(vspw, clip):
    _, videos, expected = vspw
    metric = METRICS.build(dict(type='VideoSemanticMetric', num_classes=124, label_map=VSPW_MAP))
    feed(metric, videos, clip)
    numbers = metric.evaluate(1)
    for name, value in expected.items():
        assert numbers[f'vss/{name.replace("VC", "mVC")}'] == pytest.approx(value, abs=1e-12)


def test_merging_processes_equals_one_process_and_padding_counts_once(vspw):
    _, videos, expected = vspw
    config = dict(type='VideoSemanticMetric', num_classes=124, label_map=VSPW_MAP)
    parts = [METRICS.build(config), METRICS.build(config)]
    feed(parts[0], videos[:1], 4, as_dict=False)
    feed(parts[1], videos[1:] + [videos[0][:5]], 4)
    for part in parts:
        part._close()
    parts[0].results.extend(parts[1].results)
    assert parts[0].evaluate(1)['vss/mIoU'] == pytest.approx(expected['mIoU'], abs=1e-12)


def test_semantic_metric_uses_packed_ground_truth(vspw):
    _, videos, expected = vspw
    metric = METRICS.build(dict(type='VideoSemanticMetric', num_classes=124))
    for frame in (frame for frames in videos for frame in frames):
        stored = np.array(Image.open(frame.seg_map_path))
        label = np.where((stored == 0) | (stored == 255), 255, stored - 1)
        frame.gt_sem_seg = PixelData(sem_seg=torch.from_numpy(label)[None])
    feed(metric, videos, 6)
    assert metric.evaluate(1)['vss/mVC8'] == pytest.approx(expected['VC8'], abs=1e-12)


def test_ground_truth_that_was_resized_is_an_error_and_not_a_low_score(vspw):
    _, videos, _ = vspw
    metric = METRICS.build(dict(type='VideoSemanticMetric', num_classes=124))
    frame = videos[0][0]
    height, width = frame.pred_sem_seg.sem_seg.shape[-2:]
    frame.gt_sem_seg = PixelData(sem_seg=torch.zeros(1, 2 * height, 2 * width, dtype=torch.uint8))
    with pytest.raises(ValueError, match='LoadClipAnnotations after ClipResize'):
        feed(metric, [[frame]], 1)


def test_unrolled_iou_metric_gives_mmseg_numbers(vspw):
    _, videos, _ = vspw
    metric = METRICS.build(dict(type='UnrolledIoUMetric'))
    metric.dataset_meta = dict(classes=[str(index) for index in range(124)])
    for frame in (frame for frames in videos for frame in frames):
        frame.gt_sem_seg = PixelData(sem_seg=frame.pred_sem_seg.sem_seg.clone())
    feed(metric, videos, 6)
    assert metric.evaluate(sum(map(len, videos)))['mIoU'] == 100


def test_semantic_metric_writes_what_the_folder_scorer_reads(vspw, tmp_path):
    root, videos, expected = vspw
    metric = METRICS.build(
        dict(
            type='VideoSemanticMetric',
            num_classes=124,
            format_only=True,
            video_depth=1,
            outfile_prefix=str(tmp_path / 'out'),
        )
    )
    feed(metric, videos, 7)
    assert metric.evaluate(1) == {}
    assert evaluate_vspw(str(root / 'gt'), str(tmp_path / 'out')) == expected


@pytest.mark.parametrize('drop', [0, 2, -1])
def test_a_missing_frame_is_an_error(vspw, drop):
    _, videos, _ = vspw
    metric = METRICS.build(dict(type='VideoSemanticMetric', num_classes=124, label_map=VSPW_MAP))
    del videos[0][drop]
    with pytest.raises(InputError, match='frame'):
        feed(metric, videos, 4)
        metric.evaluate(1)


def test_open_state_does_not_grow_with_frames(vspw):
    import pickle

    _, videos, _ = vspw
    sizes = []
    for count in (5, 20):
        metric = METRICS.build(dict(type='VideoSemanticMetric', num_classes=124, label_map=VSPW_MAP))
        feed(metric, [videos[0][:count]], 4)
        sizes.append(len(pickle.dumps(metric._state)))
    assert sizes[1] <= sizes[0] + 64


@pytest.mark.parametrize('clip', [1, 4])
def test_object_metric_equals_the_davis_scorer(tmp_path, clip):
    sequences = {'bear': 1, 'dogs': 3}
    make_davis(tmp_path, sequences)
    expected = evaluate_davis(str(tmp_path / 'gt'), str(tmp_path / 'pred'))
    videos = read_videos('pred_object_map', tmp_path / 'pred', tmp_path / 'gt' / 'Annotations' / '480p', sequences)
    metric = METRICS.build(dict(type='VideoObjectMetric', protocol='davis'))
    feed(metric, videos, clip)
    numbers = metric.evaluate(1)
    assert numbers == pytest.approx(
        {'evs/J': expected['J-Mean'], 'evs/F': expected['F-Mean'], 'evs/J&F': expected['J&F-Mean']}, abs=1e-12
    )


@pytest.mark.parametrize('with_meta', [True, False])
def test_object_metric_equals_the_youtube_vos_scorer(tmp_path, with_meta):
    names = {'x': {1: 0, 2: 2}, 'y': {1: 0, 2: 0, 3: 3}}
    make_youtube_vos(tmp_path, names)
    expected = evaluate_youtube_vos(str(tmp_path / 'gt'), str(tmp_path / 'pred'))
    videos = read_videos('pred_object_map', tmp_path / 'pred' / 'Annotations', tmp_path / 'gt' / 'Annotations', names)
    options = (
        dict(meta_file=str(tmp_path / 'gt' / 'meta.json'), unseen_file=str(tmp_path / 'gt' / 'unseen_categories.txt'))
        if with_meta
        else {}
    )
    metric = METRICS.build(dict(type='VideoObjectMetric', protocol='youtube_vos', **options))
    feed(metric, videos, 2)
    numbers = metric.evaluate(1)
    assert numbers['evs/J'] == pytest.approx(np.mean([item['J'] for item in expected['per_object']]), abs=1e-12)
    if with_meta:
        assert numbers['evs/G'] == pytest.approx(expected['G'], abs=1e-12)


def test_object_metric_packs_the_required_frames(tmp_path):
    names = {'x': {1: 2}}
    make_youtube_vos(tmp_path, names)
    videos = read_videos('pred_object_map', tmp_path / 'pred' / 'Annotations', tmp_path / 'gt' / 'Annotations', names)
    metric = METRICS.build(
        dict(
            type='VideoObjectMetric',
            protocol='youtube_vos',
            format_only=True,
            meta_file=str(tmp_path / 'gt' / 'meta.json'),
            outfile_prefix=str(tmp_path / 'send'),
        )
    )
    feed(metric, videos, 2)
    assert metric.evaluate(1) == {}
    with zipfile.ZipFile(tmp_path / 'send.zip') as archive:
        assert archive.namelist() == [f'Annotations/x/{frame:05d}.png' for frame in (10, 15, 20, 25)]
    with Image.open(tmp_path / 'send' / 'Annotations' / 'x' / '00010.png') as image:
        assert image.mode == 'P' and image.getpalette()[3:6] == [128, 0, 0]


def test_binary_masks_become_one_object(tmp_path):
    make_davis(tmp_path, {'bear': 1})
    expected = evaluate_davis(str(tmp_path / 'gt'), str(tmp_path / 'pred'))
    for file in (tmp_path / 'gt').rglob('*.png'):
        Image.fromarray(np.array(Image.open(file)) * np.uint8(255)).save(file)
    videos = read_videos('pred_object_map', tmp_path / 'pred', tmp_path / 'gt' / 'Annotations' / '480p', ['bear'])
    metric = METRICS.build(dict(type='VideoObjectMetric', label_map={255: 1}))
    feed(metric, videos, 3)
    assert metric.evaluate(1)['evs/J'] == pytest.approx(expected['J-Mean'], abs=1e-12)


@pytest.mark.parametrize('options', [dict(format_only=True), dict(protocol='other')])
def test_wrong_options_are_named(options):
    with pytest.raises(ValueError, match='VideoObjectMetric'):
        METRICS.build(dict(type='VideoObjectMetric', **options))
