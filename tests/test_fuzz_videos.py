"""The mutation test of videos and requests: it finds what is bad, and finds nothing bad in what is here."""
import os
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from gvseg.utils.errors import InputError

TOOLS = Path(__file__).resolve().parents[1] / 'tools' / 'analysis_tools'


@pytest.fixture(scope='module')
def tool() -> ModuleType:
    """The script as a module; it imports its neighbour as a script does."""
    sys.path.insert(0, str(TOOLS))
    try:
        import fuzz_videos
    finally:
        sys.path.remove(str(TOOLS))
    return fuzz_videos


def crash(path: Path) -> None:
    os.kill(os.getpid(), 11)


def refuse(message: str) -> None:
    raise InputError(message)


def test_bad_ends_are_told_from_clear_ones(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, 'SECONDS', 1)
    ends = {
        'read': lambda path: None, 'refused': lambda path: refuse('is cut'),
        'InputError': lambda path: refuse('a\nb'),
        'KeyError': lambda path: {}['a'], 'the process died (-11)': crash,
        'no answer in 1 s': lambda path: time.sleep(9)}
    for verdict, read in ends.items():
        assert tool.in_child((None, None, read), tmp_path).startswith(verdict)


def test_equal_seeds_make_equal_inputs_and_bad_ones_are_kept(tool: ModuleType, tmp_path: Path,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    def bad_unless_good(path: Path) -> None:
        if not path.name.endswith('-0.bin'):
            raise KeyError

    target = (lambda: {'a.bin': bytes(range(200))}, (sys.modules['fuzz_targets_media'].BYTES, ), bad_unless_good)
    monkeypatch.setitem(tool.MEDIA_TARGETS, 'own', target)
    kept = []
    for folder in (tmp_path / 'a', tmp_path / 'b'):
        folder.mkdir()
        counts = tool.fuzz(['own'], 4, 7, folder)['own']
        assert (counts.tried, counts.clear, len(counts.bad)) == (4, 1, 3)
        kept.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert kept[0] == kept[1] and sorted(kept[0]) == [f'own-7-{number}.bin' for number in (1, 2, 3)]


def test_videos_and_requests_end_clearly(tool: ModuleType, tmp_path: Path) -> None:
    names = list(tool.MEDIA_TARGETS)
    assert {'video_mp4', 'video_mkv', 'video_avi', 'video_webm', 'video_mov'} <= set(names)
    for name, counts in tool.fuzz(names, 3 * len(names), 0, tmp_path).items():
        assert (counts.tried, counts.bad) == (3, []), name
