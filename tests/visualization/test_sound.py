"""The sound of a video goes into the drawn one, packet by packet."""

from pathlib import Path

import av
import numpy as np
import pytest

from gvseg.visualization import VideoFile
from gvseg.visualization.sound import SoundTrack

RATE = 16000


def write_clip(path: Path, codec: str | None = 'aac', seconds: float = 2.0, silence: float = 1.0) -> Path:
    """Grey pictures, and a sound that is silent at first and then noise."""
    noise = np.random.default_rng(0)
    with av.open(str(path), 'w') as container:
        video = container.add_stream('mpeg4', rate=10)
        video.height, video.width, video.pix_fmt = 32, 48, 'yuv420p'
        audio = container.add_stream(codec, rate=RATE) if codec else None
        for index in range(int(10 * seconds)):
            image = np.full((32, 48, 3), 90, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format='rgb24')))
            if audio:
                size = (1, RATE // 10)
                samples = noise.integers(-20000, 20000, size) if index >= 10 * silence else np.zeros(size)
                frame = av.AudioFrame.from_ndarray(samples.astype(np.int16), format='s16', layout='mono')
                frame.sample_rate, frame.pts = RATE, index * size[1]
                container.mux(audio.encode(frame))
        for stream in filter(None, (video, audio)):
            container.mux(stream.encode())
    return path


def write_with_sound(path: Path, sound: SoundTrack, frames: int) -> Path:
    with VideoFile(path, 10) as file:
        file.sound = sound
        for _ in range(frames):
            file.write(np.full((32, 48, 3), 90, np.uint8))
    return path


def samples_of(path: Path) -> np.ndarray:
    """Mono samples; none where there is no sound."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return np.zeros(0)
        return np.concatenate(
            [frame.to_ndarray().reshape(frame.layout.nb_channels, -1)[0] for frame in container.decode(audio=0)]
        )


def seconds_of_silence(path: Path) -> float:
    samples = samples_of(path)
    return float(np.argmax(np.abs(samples) > 0.2 * np.abs(samples).max()) / RATE)


def test_sound_is_copied_in_time(tmp_path: Path) -> None:
    source = write_clip(tmp_path / 'a.mp4')
    out = write_with_sound(tmp_path / 'b.mp4', SoundTrack(source), 20)
    assert abs(len(samples_of(out)) / RATE - 2) < 0.1
    assert seconds_of_silence(out) == pytest.approx(1, abs=0.08) == seconds_of_silence(source)
    with av.open(str(out)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ['h264', 'aac']
        assert container.streams.video[0].frames == 20


def test_sound_before_the_first_frame_and_after_the_last_is_left_out(tmp_path: Path) -> None:
    source = write_clip(tmp_path / 'a.mp4')
    out = write_with_sound(tmp_path / 'b.mp4', SoundTrack(source, start=0.5), 9)
    assert abs(len(samples_of(out)) / RATE - 0.9) < 0.1
    assert seconds_of_silence(out) == pytest.approx(0.5, abs=0.08)


@pytest.mark.filterwarnings('error')
def test_a_silent_video_stays_one(tmp_path: Path) -> None:
    out = write_with_sound(tmp_path / 'b.mp4', SoundTrack(write_clip(tmp_path / 'a.mp4', None)), 5)
    with av.open(str(out)) as container:
        assert [stream.type for stream in container.streams] == ['video']


def test_sound_that_an_mp4_cannot_hold_is_named(tmp_path: Path) -> None:
    source = write_clip(tmp_path / 'a.avi', 'pcm_u8')
    with pytest.warns(UserWarning, match='The sound of .*a.avi is left out.*pcm_u8'):
        out = write_with_sound(tmp_path / 'b.mp4', SoundTrack(source), 5)
    with av.open(str(out)) as container:
        assert [stream.type for stream in container.streams] == ['video']


def test_a_video_written_up_to_its_first_frame_has_the_sound_of_it(tmp_path: Path) -> None:
    out = write_with_sound(tmp_path / 'b.mp4', SoundTrack(write_clip(tmp_path / 'a.mp4')), 1)
    assert 0 < len(samples_of(out)) / RATE < 0.3


def test_damaged_sound_spoils_no_picture(tmp_path: Path) -> None:
    source = write_clip(tmp_path / 'a.mp4')
    content = source.read_bytes()
    assert b'mp4a' in content and b'esds' in content
    source.write_bytes(content.replace(b'mp4a', b'zzzz').replace(b'esds', b'zzzz'))
    with pytest.warns(UserWarning, match='The sound of .*a.mp4 is left out'):
        out = write_with_sound(tmp_path / 'b.mp4', SoundTrack(source), 5)
    with av.open(str(out)) as container:
        assert len(list(container.decode(video=0))) == 5
