"""Video files, recordings, the visualizer and its hook."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest
from mmdet.registry import HOOKS, VISUALIZERS
from mmdet.structures import TrackDataSample

from gvseg.engine.hooks.visualization_hook import VideoVisualizationHook
from gvseg.utils.errors import InputError, WorkDirError
from gvseg.visualization import GvSegVisualizer, VideoFile, VideoRecorder, read_rgb, write_png
from gvseg.visualization.recorder import PackedSegments
from gvseg.visualization.segments import predicted_segments

from .samples import CLASSES, TrainedLoop, empty_sample, with_instances, with_panoptic, with_truth

KILLED = """
import os, sys
import numpy as np
from gvseg.visualization import VideoFile
file = VideoFile(sys.argv[1])
for value in range(30):
    file.write(np.full((16, 32, 3), 8 * value, np.uint8))
os._exit(9)
"""


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format='rgb24') for frame in container.decode(video=0)]


def test_a_video_holds_its_frames_as_h264(tmp_path: Path) -> None:
    path = tmp_path / 'vidéo 1' / 'a.mp4'
    with VideoFile(path, fps=10) as file:
        for value in (20, 120, 220):
            file.write(np.full((17, 33, 3), value, np.uint8))  # odd sizes are padded: H.264 knows even ones only
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ('h264', 'yuv420p')
        assert (stream.width, stream.height, float(stream.average_rate), stream.frames) == (34, 18, 10.0, 3)
    assert [abs(int(frame.mean()) - value) <= 4 for frame, value in zip(frames_of(path), (20, 120, 220))] == [True] * 3


def test_a_video_survives_an_exception(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        with VideoFile(tmp_path / 'a.mp4') as file:
            for _ in range(5):
                file.write(np.zeros((16, 32, 3), np.uint8))
            raise KeyboardInterrupt
    assert len(frames_of(tmp_path / 'a.mp4')) == 5


def test_a_video_survives_a_killed_process(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, '-c', KILLED, str(tmp_path / 'a.mp4')], cwd=Path(__file__).parents[2])
    assert done.returncode == 9
    assert len(frames_of(tmp_path / 'a.mp4')) >= 12


def test_frames_of_another_size_are_refused(tmp_path: Path) -> None:
    with VideoFile(tmp_path / 'a.mp4') as file:
        file.write(np.zeros((16, 32, 3), np.uint8))
        with pytest.raises(ValueError, match='frame 1 is 34x16'):
            file.write(np.zeros((16, 34, 3), np.uint8))


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='needs /dev/full')
def test_a_full_disk_is_named_by_video_and_picture() -> None:
    with pytest.raises(WorkDirError, match='/dev/full.*No space left'):
        with VideoFile('/dev/full') as file:
            for _ in range(100):
                file.write(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(WorkDirError, match='file/a.png'):
        write_png(tmp_path / 'file' / 'a.png', np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(WorkDirError, match='file/a.mp4'):
        VideoFile(tmp_path / 'file' / 'a.mp4').write(np.zeros((4, 4, 3), np.uint8))


def test_a_picture_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_png(tmp_path / 'ä.png', np.full((4, 4, 3), (255, 0, 0), np.uint8))
    np.testing.assert_array_equal(read_rgb(tmp_path / 'ä.png')[0, 0], (255, 0, 0))
    monkeypatch.setattr('gvseg.formats.files.os.replace', _no_space)
    with pytest.raises(WorkDirError, match='No space left'):
        write_png(tmp_path / 'ä.png', np.zeros((4, 4, 3), np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ['ä.png']
    np.testing.assert_array_equal(read_rgb(tmp_path / 'ä.png')[0, 0], (255, 0, 0))


def _no_space(part: Path, target: Path) -> None:
    raise OSError(28, 'No space left on device', str(part))


def test_unreadable_pictures_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='gone.png does not exist'):
        read_rgb(tmp_path / 'gone.png')
    for content in (b'', b'no image'):
        (tmp_path / 'bad.png').write_bytes(content)
        with pytest.raises(InputError, match='bad.png cannot be read'):
            read_rgb(tmp_path / 'bad.png')


def test_packed_segments_come_back_unchanged() -> None:
    segments = predicted_segments(with_instances(empty_sample()), CLASSES)
    back = PackedSegments(segments).unpack()
    np.testing.assert_array_equal(back.masks, segments.masks)
    assert back.ids.tolist() == segments.ids.tolist() and back.class_names == segments.class_names


def record(recorder: VideoRecorder, folder: Path, video: object, frames: int, truth: bool = True) -> None:
    for frame in range(frames):
        sample = with_panoptic(empty_sample(folder / f'{frame}.png', frame, video))
        recorder.add(with_truth(sample) if truth else sample, CLASSES)


def test_the_first_videos_are_recorded(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / 'out', prefix='vps_', videos=2, columns=3)
    for video, frames in (('a/1', 5), ('b', 1), ('c', 2)):
        record(recorder, tmp_path, video, frames)
    files = recorder.finish()
    assert [path.name for path in files] == [
        'vps_video-a_1.png',
        'vps_video-a_1.mp4',
        'vps_video-b.png',
        'vps_video-b.mp4',
    ]
    assert [len(frames_of(path)) for path in files[1::2]] == [5, 1]
    sheet, single = (cv2.imread(str(path)) for path in files[::2])
    assert sheet.shape[1] > 2 * single.shape[1]
    assert recorder.finish() == files


def test_without_truth_there_is_one_panel_less(tmp_path: Path) -> None:
    widths = []
    for truth in (True, False):
        recorder = VideoRecorder(tmp_path / str(truth))
        record(recorder, tmp_path, 1, 2, truth)
        widths.append(frames_of(recorder.finish()[1])[0].shape[1])
    assert widths[1] < widths[0] * 0.7


def visualizer(name: str, **options) -> GvSegVisualizer:
    built = VISUALIZERS.build(dict(type='GvSegVisualizer', name=name, **options))
    built.dataset_meta = dict(classes=CLASSES)
    return built


def test_the_visualizer_draws_beside_the_truth(tmp_path: Path) -> None:
    built = visualizer('drawing')
    sample = with_truth(with_panoptic(empty_sample()))
    image = np.zeros((4, 8, 3), np.uint8)
    built.add_datasample('a', image, sample, out_file=tmp_path / 'a.png')
    built.add_datasample('a', image, sample, out_file=tmp_path / 'b.png', draw_gt=False, pred_score_thr=0.5)
    assert read_rgb(tmp_path / 'a.png').shape[1] > read_rgb(tmp_path / 'b.png').shape[1]


def test_the_visualizer_hands_pictures_to_its_backends(tmp_path: Path) -> None:
    built = visualizer('backends', vis_backends=[dict(type='LocalVisBackend')], save_dir=str(tmp_path))
    built.add_datasample('a', np.zeros((4, 8, 3), np.uint8), with_panoptic(empty_sample()), step=3)
    assert list(tmp_path.rglob('a_3.png'))


def test_the_hook_records_what_the_loop_reports(tmp_path: Path) -> None:
    hook = HOOKS.build(dict(type='VideoVisualizationHook', test_out_dir='shown', options=dict(videos=1)))
    runner = SimpleNamespace(visualizer=visualizer('hook'), work_dir=str(tmp_path), _train_loop=TrainedLoop(7))
    hook.before_test_epoch(runner)
    for clip in range(2):
        frames = [with_instances(empty_sample(tmp_path / f'{clip}{i}.png', 2 * clip + i)) for i in range(2)]
        hook.after_test_iter(runner, clip, None, [TrackDataSample(video_data_samples=frames)])
    hook.after_test_epoch(runner, {})
    assert [path.name for path in hook.files] == ['video-1.png', 'video-1.mp4']
    assert len(frames_of(tmp_path / 'shown' / 'video-1.mp4')) == 4


def test_the_hook_names_the_visualizer_it_needs() -> None:
    with pytest.raises(TypeError, match='GvSegVisualizer'):
        VideoVisualizationHook().before_test_epoch(SimpleNamespace(visualizer=object(), work_dir='.'))
    VideoVisualizationHook(draw=False).before_test_epoch(SimpleNamespace(visualizer=object(), work_dir='.'))
