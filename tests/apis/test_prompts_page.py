"""The examples of docs/prompts.md run as they are printed."""

import warnings

import cv2
import numpy as np

from tests.documents import snippets

from .conftest import ROOT, moving_square


def test_the_examples_run(monkeypatch) -> None:
    video = [cv2.resize(frame, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST) for frame in moving_square(6)]
    names: dict = dict(video=video)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # objects of made-up places may be lost
        for snippet in snippets((ROOT / 'docs/prompts.md').read_text()):
            exec(compile(snippet, 'docs/prompts.md', 'exec'), names)
    assert len(names['result']) == len(video) and {name for frame in names['result'] for name in frame.names} == {'dog'}
    assert len(names['preview'].ids) <= 1 and names['session'].objects == []
    assert isinstance(names['preview'].masks, np.ndarray)
