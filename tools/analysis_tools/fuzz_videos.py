"""Mutates small video files and reads each in a process of its own: what is bad input must end in one clear line.

Example:
    python tools/analysis_tools/fuzz_videos.py --count 300 --seed 0
"""
import argparse
import multiprocessing
import random
import resource
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import gvseg.quiet_imports  # noqa: F401  (first: mmdet without the noise)
import av
import numpy as np
from gvseg.apis import VideoSource
from gvseg.utils.errors import InputError
from gvseg.visualization import VideoFile
from gvseg.visualization.sound import SoundTrack

SIZE, FRAMES, SAMPLE_RATE = (48, 64), 12, 8000
KINDS = {'.mp4': ('libx264', 'aac'), '.mkv': ('libx264', 'aac'), '.avi': ('mpeg4', 'mp2'), '.webm': ('libvpx', None),
         '.mov': ('mjpeg', 'pcm_s16le')}
"""Suffix -> video codec and audio codec of the files that are mutated."""
HEAD = 2000  # bytes at either end of a file in which containers keep their tables
EXTREMES = (0, 1, 0x7f, 0xff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff)
SECONDS, MEGABYTES = 30, 3000  # for one file, in addition to what the process has already


@dataclass
class Counts:
    """How mutated inputs ended.

    Attributes:
        tried: all of them.
        worked: read, whole or in part.
        clear: refused with one line that names the file.
        bad: (name of the input, what happened): another error, a dead process, too slow or too much memory.
    """
    tried: int = 0
    worked: int = 0
    clear: int = 0
    bad: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, outcome: str) -> None:
        """Count an outcome: 'worked', 'clear', or a description of what is bad."""
        self.tried += 1
        if outcome in ('worked', 'clear'):
            setattr(self, outcome, getattr(self, outcome) + 1)
        else:
            self.bad.append((name, outcome))

    def __str__(self) -> str:
        lines = [f'tried {self.tried}, worked {self.worked}, clear {self.clear}, bad {len(self.bad)}']
        return '\n'.join(lines + [f'  {name}: {outcome}' for name, outcome in self.bad])


def write_video(path: Path, seed: int = 0) -> Path:
    """A small video with sound where its kind has any; the suffix chooses the kind."""
    video_codec, audio_codec = KINDS[path.suffix]
    noise = np.random.default_rng(seed)
    with av.open(str(path), 'w') as container:
        video = container.add_stream(video_codec, rate=10)
        video.height, video.width = SIZE
        video.pix_fmt = 'yuvj420p' if video_codec == 'mjpeg' else 'yuv420p'
        audio = container.add_stream(audio_codec, rate=16000 if audio_codec == 'mp2' else SAMPLE_RATE) \
            if audio_codec else None
        for index in range(FRAMES):
            image = noise.integers(0, 255, (*SIZE, 3), np.uint8) // 4
            image[10:30, 3 * index:3 * index + 20] = 200
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format='rgb24')))
            if audio:
                samples = noise.integers(-999, 999, (1, audio.rate // 10), np.int16)
                frame = av.AudioFrame.from_ndarray(samples, format='s16', layout='mono')
                frame.sample_rate, frame.pts = audio.rate, index * samples.size
                container.mux(audio.encode(frame))
        for stream in filter(None, (video, audio)):
            container.mux(stream.encode())
    return path


def mutate(content: bytes, choice: random.Random) -> bytes:
    """One to three damages of random kinds."""
    data = bytearray(content)
    for _ in range(choice.randint(1, 3)):
        choice.choice(MUTATIONS)(data, choice)
    return bytes(data)


def _place(data: bytearray, choice: random.Random) -> int:
    """An offset, mostly near either end."""
    near = choice.randrange(min(HEAD, len(data)))
    return choice.choice((near, len(data) - 1 - near, choice.randrange(len(data))))


def _flip(data: bytearray, choice: random.Random) -> None:
    for _ in range(choice.choice((1, 4, 32))):
        data[_place(data, choice)] = choice.randrange(256)


def _extreme(data: bytearray, choice: random.Random) -> None:
    size, place = choice.choice((1, 2, 4, 8)), _place(data, choice)
    value = choice.choice(EXTREMES) % (1 << 8 * size)
    data[place:place + size] = value.to_bytes(size, choice.choice(('big', 'little')))


def _tag(data: bytearray, choice: random.Random) -> None:
    """Another four-letter code: unknown codecs, boxes and chunks."""
    places = [index for index in range(len(data) - 4) if data[index:index + 4].isalnum()]
    if places:
        place = choice.choice(places)
        data[place:place + 4] = bytes(choice.choices(b'abcdefghXYZ019 \xff\xde', k=4))


def _cut(data: bytearray, choice: random.Random) -> None:
    del data[max(_place(data, choice), 1):]


def _remove(data: bytearray, choice: random.Random) -> None:
    place = _place(data, choice)
    del data[place:place + choice.choice((1, 4, 100))]
    data += b'' if data else b'\0'


def _repeat(data: bytearray, choice: random.Random) -> None:
    place, size = _place(data, choice), choice.choice((1, 8, 400))
    data[place:place] = data[place:place + size]


def _blank(data: bytearray, choice: random.Random) -> None:
    place, size = _place(data, choice), choice.choice((4, 64, 1000))
    data[place:place + size] = bytes(len(data[place:place + size]))


MUTATIONS = (_flip, _flip, _extreme, _extreme, _tag, _tag, _cut, _remove, _repeat, _blank)


def read_and_write(path: Path, out: Path) -> str:
    """What the demo does with a video, without a model; returns 'worked' or 'clear'."""
    try:
        source = VideoSource(path)
        with VideoFile(out, source.fps) as file:
            for frame in source.frames():
                if not file.frames and source.start is not None:
                    file.sound = SoundTrack(path, source.start)
                file.write(np.ascontiguousarray(frame.image[..., ::-1]), frame.time)
    except InputError as error:
        return 'clear' if str(path) in str(error) and '\n' not in str(error) else f'unclear: {error}'
    return 'worked'


def in_child(action: Callable[[], str]) -> str:
    """The outcome of an action in a process of its own, of bounded time and memory."""
    context = multiprocessing.get_context('fork')
    ours, theirs = context.Pipe(False)
    child = context.Process(target=_answer, args=(action, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        if not ours.poll(SECONDS):
            return f'slow: more than {SECONDS} s'
        return ours.recv()
    except EOFError:
        child.join()
        return f'died with exit status {child.exitcode}'
    finally:
        child.kill()
        child.join()


def _answer(action: Callable[[], str], end: Connection) -> None:
    """The child's side of :func:`in_child`."""
    pages = int(Path('/proc/self/statm').read_text().split()[0]) if Path('/proc/self/statm').exists() else None
    if pages is not None:
        limit = pages * resource.getpagesize() + MEGABYTES * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    warnings.simplefilter('ignore')
    try:
        end.send(action())
    except BaseException as error:  # whatever it is, it is what the test looks for
        end.send(f'{type(error).__name__}: {error}')


def fuzz_videos(count: int, seed: int, folder: Path) -> Counts:
    """Read mutated videos; files with a bad outcome stay in the folder.

    Args:
        count: how many.
        seed: equal seeds make equal files.
        folder: for the files.
    """
    choice, counts = random.Random(seed), Counts()
    whole = [write_video(folder / f'whole{suffix}').read_bytes() for suffix in KINDS]
    for index in range(count):
        place = index % len(whole)
        path = folder / f'mutated-{seed}-{index}{list(KINDS)[place]}'
        path.write_bytes(mutate(whole[place], choice))
        bad = len(counts.bad)
        counts.add(path.name, in_child(lambda: read_and_write(path, folder / 'out.mp4')))
        if len(counts.bad) == bad:
            path.unlink()
    return counts


def main() -> None:
    """Entry point; exit status 1 if anything is bad."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--count', type=int, default=300, help='files to try')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--keep', type=Path, help='folder for the files with a bad outcome')
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='gvseg-fuzz-') as folder:
        folder = arguments.keep or Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        counts = fuzz_videos(arguments.count, arguments.seed, folder)
    print(counts)
    sys.exit(bool(counts.bad))


if __name__ == '__main__':
    main()
