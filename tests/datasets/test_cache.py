"""A cache of annotations gives back what it was given, and runs no code."""

import pickle

import pytest

from gvseg.datasets.cache import KIND, load_or_make, pack


class OfAFile:
    """What the cache asks a data set for."""

    def __init__(self, ann_file: str) -> None:
        self.ann_file, self.data_prefix = ann_file, {}


@pytest.mark.parametrize(
    'content',
    [
        ([dict(video_id='a', images=[dict(frame_id=0, mask=dict(size=[2, 3], counts=b'\xff0'), box=(1, 2.5))])], None),
        {3: dict(label=1), 'x': {(1, 2): 'pair'}, None: True},
        {KIND: 'tuple', 'of': 3},
        [float('inf'), 10**30, 'ü\ud800'],
    ],
)
def test_everything_comes_back_as_it_was(tmp_path, content):
    source = OfAFile(str(tmp_path / 'a.json'))
    assert load_or_make(str(tmp_path), source, lambda: content) == content
    again = load_or_make(str(tmp_path), source, lambda: pytest.fail('the cache was not used'))
    assert repr(again) == repr(content)


def test_other_kinds_are_read_anew_each_time(tmp_path):
    source = OfAFile(str(tmp_path / 'a.json'))
    with pytest.warns(UserWarning, match='a set cannot be kept'):
        assert load_or_make(str(tmp_path), source, lambda: [{1}]) == [{1}]
    assert not list(tmp_path.iterdir())
    with pytest.raises(TypeError):
        pack(object())


def test_a_pickle_laid_in_the_cache_is_not_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return exec, ('raise SystemExit("code of the file was run")',)

    source = OfAFile(str(tmp_path / 'a.json'))
    load_or_make(str(tmp_path), source, lambda: 1)
    (file,) = tmp_path.iterdir()
    file.write_bytes(pickle.dumps(Trap()))
    with pytest.warns(UserWarning, match='not readable'):
        assert load_or_make(str(tmp_path), source, lambda: 2) == 2
