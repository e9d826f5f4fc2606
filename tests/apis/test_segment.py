"""Whole videos through ``segment`` and the inferencer: sources, and the numbers of ``tools/test.py``."""

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch
from mmdet.structures import TrackDataSample
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.runner import Runner

from gvseg.apis import VideoInferencer, VideoSegmenter, VideoSource, shipped_model
from gvseg.apis.pretrained import shapes_model
from gvseg.utils.config import load_config

from .conftest import FIELDS, ROOT, content, show_first_sights, tiny_config

pytestmark = pytest.mark.usefixtures('mmdet_scope')


def with_data(config: Config, root: Path, work_dir: Path) -> Config:
    """A Moving Shapes config that reads the videos below a folder, in one process."""
    text = json.dumps(config.to_dict(), default=list).replace('data/moving_shapes/', f'{root}/')
    config = Config(json.loads(text), filename=config.filename)
    config.test_dataloader.update(num_workers=0, persistent_workers=False)
    config.work_dir = str(work_dir)
    return config


def single(task: str) -> tuple[Config, Path]:
    """The shipped model of one task."""
    path, weights = shipped_model(task, ROOT)
    return load_config(str(path)), weights


@pytest.mark.parametrize('model', [single, shapes_model], ids=['single', 'general'])
@pytest.mark.parametrize('task', FIELDS)
def test_the_numbers_are_those_of_testing(shapes: Path, tmp_path: Path, task: str, model) -> None:
    config, weights = model(task)
    config = with_data(config, shapes, tmp_path)
    config.load_from = str(weights)
    runner = Runner.from_cfg(config)
    expected = runner.test()  # what tools/test.py does
    truth = {
        frame.frame_id: frame
        for batch in runner.test_dataloader
        for frame in batch['data_samples'][0].video_data_samples
    }
    paths = [truth[index].img_path for index in sorted(truth)]
    segmenter = VideoSegmenter(config, weights)
    if task == 'evs':
        show_first_sights(segmenter, paths)
    evaluator = Evaluator([config.test_evaluator])
    evaluator.dataset_meta = runner.test_dataloader.dataset.metainfo
    for result in segmenter.segment(Path(paths[0]).parent):
        frame = truth[result.frame_id]
        assert frame.img_path == result.img_path
        setattr(frame, FIELDS[task], result.get(FIELDS[task]))
        evaluator.process([TrackDataSample(video_data_samples=[frame])])
    assert evaluator.evaluate(1) == pytest.approx(expected, rel=0, abs=0, nan_ok=True)  # mVC needs longer videos
    assert np.nanmax(list(expected.values())) > 0.3  # real results, not zeros


def test_files_folders_lists_and_cameras_are_alike(
    segmenters: dict, folder: Path, frames: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Camera:
        """Hands out the frames."""

        def __init__(self, number: int) -> None:
            self.left = list(frames)

        def isOpened(self) -> bool:
            return True

        def read(self) -> tuple:
            return (True, self.left.pop(0)) if self.left else (False, None)

        def release(self) -> None:
            pass

    monkeypatch.setattr(cv2, 'VideoCapture', Camera)
    with av.open(str(tmp_path / 'a.mkv'), 'w') as container:
        stream = container.add_stream('ffv1', rate=10)
        stream.pix_fmt, stream.height, stream.width = 'bgr0', *frames[0].shape[:2]
        for frame in frames:
            shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[..., ::-1]), format='rgb24')
            container.mux(stream.encode(shown.reformat(format='bgr0')))
        container.mux(stream.encode())
    segmenter = segmenters['vss']
    expected = [content(result, 'vss') for result in segmenter.stream(frames)]
    for video in (tmp_path / 'a.mkv', str(folder), sorted(folder.iterdir()), 0, VideoSource(folder)):
        found = [content(result, 'vss') for result in segmenter.segment(video)]
        assert len(found) == 7 and all(torch.equal(one, other) for one, other in zip(found, expected))


def test_a_missing_video_is_named_at_once(segmenters: dict) -> None:
    with pytest.raises(ValueError, match='gone.mp4 does not exist'):
        segmenters['vis'].segment('gone.mp4')


def test_an_error_while_decoding_comes_through_and_leaves_nothing(segmenters: dict, folder: Path, frames: list) -> None:
    (folder / '005.png').write_bytes(cv2.imencode('.png', np.zeros((10, 20, 3), np.uint8))[1].tobytes())
    done = []
    with pytest.raises(ValueError, match='005.png is 20x10'):
        for result in segmenters['vss'].segment(folder):
            done.append(result.frame_id)
    assert done == [0, 1, 2]
    assert len(list(segmenters['vss'].stream(frames))) == 7


def test_stopping_early_leaves_nothing(segmenters: dict, folder: Path) -> None:
    results = segmenters['vss'].segment(folder)
    next(results)
    results.close()
    assert [result.frame_id for result in segmenters['vss'].segment(folder)] == list(range(7))


@pytest.fixture(scope='module')
def inferencer() -> VideoInferencer:
    """Untrained, for objects."""
    torch.manual_seed(0)
    return VideoInferencer(tiny_config('evs'), None, 'cpu', show_progress=False)


def test_the_inferencer_gives_tubes_and_videos(
    inferencer: VideoInferencer, folder: Path, video: Path, tmp_path: Path
) -> None:
    inferencer.model.task_output.presence = 0.0  # untrained: keep the object anyhow
    shown = [dict(frame_index=0, box=(8, 16, 24, 32))]
    found = inferencer([str(folder), video, video], objects=shown, out_dir=tmp_path / 'drawn')
    assert [path.name for path in found['visualization']] == ['каталог.mp4', 'vidéo 視頻.mp4', 'vidéo 視頻-2.mp4']
    assert all(path.stat().st_size for path in found['visualization'])
    assert found['predictions'][1] == found['predictions'][2]
    for tubes in found['predictions']:
        assert [len(tube['segmentations']) for tube in tubes] == [7] * len(tubes)
        json.dumps(tubes)


def test_the_inferencer_gives_data_samples(inferencer: VideoInferencer, folder: Path) -> None:
    found = inferencer(folder, return_datasamples=True, objects=[dict(frame_index=0, point=(16, 24))])
    assert [sample.frame_id for sample in found['predictions'][0]] == list(range(7))
    assert found['visualization'] == [None]


def test_the_inferencer_says_what_is_wrong(inferencer: VideoInferencer, folder: Path) -> None:
    with pytest.raises(ValueError, match=r'needs object prompts: give objects=\['):
        inferencer(folder)
    with pytest.raises(ValueError, match='depend on each other'):
        inferencer(folder, batch_size=2, objects=[dict(frame_index=0, point=(1, 1))])
    with pytest.raises(ValueError, match='gone.mp4 does not exist'):
        inferencer([folder, 'gone.mp4'], objects=[dict(frame_index=0, point=(1, 1))])
    with pytest.raises(ValueError, match='gone.py does not exist'):
        VideoInferencer('gone.py')
