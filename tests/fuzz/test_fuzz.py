"""The fuzzer: equal seeds give equal inputs, and what is no clear answer is found; the formats give clear answers."""

import os
import time

import pytest

from gvseg.formats.errors import InputError
from tests.fuzz import run, targets
from tests.fuzz.targets_media import MEDIA_TARGETS


def target(read):
    """A reader of a small text."""
    return targets.Target(lambda: {'a.txt': b'0 1 2\n'}, targets.mutations.TEXT, read)


def refuse(path):
    if path.read_bytes() != b'0 1 2\n':
        raise InputError('not good', path)


def wrong(path):
    if path.read_bytes() != b'0 1 2\n':
        raise KeyError('x')


def die(path):
    if path.read_bytes() != b'0 1 2\n':
        os._exit(9)


def hang(path):
    if path.read_bytes() != b'0 1 2\n':
        time.sleep(60)


def test_equal_seeds_give_equal_inputs():
    one = target(refuse)
    inputs = [[run.damaged('a', one, number, seed, b'0 1 2\n') for number in range(20)] for seed in (1, 1, 2)]
    assert inputs[0] == inputs[1] != inputs[2] and inputs[0][0] == b'0 1 2\n' and len(set(inputs[0])) > 10


@pytest.mark.parametrize(
    ('read', 'verdict'),
    [(refuse, 'refused'), (wrong, 'KeyError in test_fuzz.py'), (die, 'the process died'), (hang, 'no answer in 1 s')],
)
def test_answers_are_told_apart(tmp_path, monkeypatch, read, verdict):
    monkeypatch.setattr(run, 'SECONDS', 1)
    found = run.fuzz('a', target(read), 3, 0, tmp_path, tmp_path / 'kept')
    assert found.pop('read') == [''] and len(found) == 1
    ((name, messages),) = found.items()
    assert name.startswith(verdict) and len(messages) == 2
    assert len(list(tmp_path.glob('kept/*'))) == (0 if read is refuse else 2)


def test_formats_give_clear_answers(tmp_path):
    for name, one in targets.TARGETS.items():
        (tmp_path / name).mkdir()
        found = run.fuzz(name, one, 25, 1, tmp_path / name)
        assert set(found) <= {'read', 'refused'}, (name, dict(found))
        assert found['read'] and found['refused']


def test_videos_and_requests_give_clear_answers(tmp_path):
    assert {'video_mp4', 'video_mkv', 'video_avi', 'video_webm', 'video_mov'} <= set(MEDIA_TARGETS)
    for name, one in MEDIA_TARGETS.items():
        (tmp_path / name).mkdir()
        found = run.fuzz(name, one, 4, 0, tmp_path / name)
        assert set(found) <= {'read', 'refused'} and found['read'], (name, dict(found))
