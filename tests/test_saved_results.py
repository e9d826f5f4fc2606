"""Saved predictions are scored again, drawn and counted; feature and attention maps of a frame."""

import copy
import json
import pickle
import runpy
import sys
from pathlib import Path

import cv2
import mmdet
import numpy as np
import pytest
import torch
from mmdet.registry import METRICS
from mmdet.structures import DetDataSample
from mmengine.structures import PixelData

from gvseg.apis.saved_results import read_results, test_data
from gvseg.datasets import load_segments
from gvseg.formats.errors import InputError
from gvseg.moving_shapes import SplitSettings, generate_split
from gvseg.utils.config import load_config
from tests.scripts import ROOT, tool

CONFIG = str(ROOT / 'configs/vss/gvseg-vss_tiny_1xb2-3k_moving-shapes.py')


@pytest.fixture(scope='module')
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two generated videos of five frames."""
    root = tmp_path_factory.mktemp('shapes')
    generate_split(root, SplitSettings('val', 2, 5, 0, (96, 160)))
    return root / 'val'


@pytest.fixture(scope='module')
def saved(videos: Path) -> Path:
    """Predictions in clips of two frames: the first video is right, the second one all of class 0."""
    dataset = test_data(load_config(CONFIG, {'test_dataloader.dataset.data_root': str(videos / 'vspw')}))
    metric = METRICS.build(dict(type='DumpVideoResults', out_file_path=str(videos / 'results.pkl')))
    for index in range(len(dataset)):
        video = dataset.get_data_info(index)
        frames = []
        for record in video['images']:
            classes = load_segments(record, (96, 160)).semantic_map()
            frame = DetDataSample(
                metainfo=dict(
                    video_id=video['video_id'],
                    frame_id=record['frame_id'],
                    ori_shape=(96, 160),
                    img_path=record['img_path'],
                    ori_video_length=video['video_length'],
                )
            )
            found = np.where(classes == 255, 0, classes) if index == 0 else np.zeros_like(classes)
            frame.pred_sem_seg = PixelData(sem_seg=torch.from_numpy(found[None]))
            frame.gt_sem_seg = PixelData(sem_seg=torch.from_numpy(classes[None]))
            frames.append(frame)
        for start in range(0, len(frames), 2):
            metric.process({}, [dict(video_data_samples=frames[start : start + 2])])
    metric.evaluate(len(dataset))
    return videos / 'results.pkl'


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    """What the tool sees as its command line."""
    monkeypatch.setattr('sys.argv', ['tool.py', *map(str, arguments)])


def options(videos: Path) -> list[str]:
    """The data of this test."""
    return ['--cfg-options', f'test_dataloader.dataset.data_root={videos / "vspw"}']


def test_every_clip_is_saved(saved: Path) -> None:
    assert len(pickle.loads(saved.read_bytes())) == 6  # three clips of each video
    assert {len(frames) for frames in read_results(saved).values()} == {5}


def test_mmdets_tool_scores_the_file_again(
    saved: Path, videos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    command(monkeypatch, CONFIG, saved, *options(videos))
    monkeypatch.setattr(sys, 'path', list(sys.path))
    runpy.run_path(str(Path(mmdet.__file__).parent / '.mim/tools/analysis_tools/eval_metric.py'), run_name='__main__')
    scores = eval(capsys.readouterr().out.splitlines()[-1], dict(nan=float('nan')))  # the tool prints a dict
    assert 0.4 < scores['vss/Acc'] < 1 and scores['vss/mIoU'] > 0.3


def test_best_and_worst_videos_are_drawn(
    saved: Path, videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    command(monkeypatch, CONFIG, saved, '--out', tmp_path, '--videos', 1, *options(videos))
    tool('analyze_results').main()
    worst, best = json.loads((tmp_path / 'videos.json').read_text())
    assert best['mean_iou'] == 1 and worst['mean_iou'] < 0.5
    assert (tmp_path / f'best-video-{best["video"]}.png').is_file()
    assert (tmp_path / f'worst-video-{worst["video"]}.png').is_file()
    said = capsys.readouterr().out
    assert 'class   sky' in said and 'size    small, to' in said and 'length  ' in said


def test_confusions_are_counted(
    saved: Path, videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    for by in ('pixels', 'tubes'):
        command(monkeypatch, CONFIG, saved, '--by', by, '--out', tmp_path / f'{by}.png', *options(videos))
        tool('confusion_matrix').main()
        assert cv2.imread(str(tmp_path / f'{by}.png')).shape[0] > 300
    assert 'is predicted as disk' in capsys.readouterr().out  # class 0


def test_what_does_not_fit_is_said(saved: Path, videos: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='absent.pkl: does not exist; write it with tools/test.py'):
        read_results(tmp_path / 'absent.pkl')
    (tmp_path / 'other.pkl').write_bytes(pickle.dumps([1]))
    with pytest.raises(InputError, match='other.pkl: holds no predictions'):
        read_results(tmp_path / 'other.pkl')
    from gvseg.apis.saved_results import with_truth

    dataset = test_data(load_config(CONFIG, {'test_dataloader.dataset.data_root': str(videos / 'vspw')}))
    short = {video: copy.copy(frames[:3]) for video, frames in read_results(saved).items()}
    with pytest.raises(InputError, match='has 3 frames of video .*, the dataset has 5; test again'):
        next(with_truth(dataset, short, saved))


def test_features_and_attention_of_a_frame(videos: Path, tmp_path: Path) -> None:
    maps = tool('feature_maps')
    frames = next((videos / 'vipseg/imgs').iterdir())
    drawn = maps.draw(maps.parse_arguments([str(frames), '--task', 'vps', '--frame', '4', '--queries', '0', '3']))
    # Three rows of maps of 240 pixels: the frame and four levels, three and the mask features, two queries.
    assert drawn.shape[1] == 5 * 240 + 4 * 4 and drawn.shape[0] == 3 * (144 + 24 + 6) and drawn.std() > 20
    with pytest.raises(InputError, match='has 5 frames: --frame must be 0 to 4, not 9'):
        maps.draw(maps.parse_arguments([str(frames), '--task', 'vps', '--frame', '9']))
    with pytest.raises(InputError, match='has 30 queries: --queries must be 0 to 29, not 30'):
        maps.draw(maps.parse_arguments([str(frames), '--task', 'vps', '--queries', '30']))
