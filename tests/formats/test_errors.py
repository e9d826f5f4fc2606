"""InputError: its message, its subclasses, and how tools recognise it."""

import pickle

import pytest

from gvseg.datasets.reading import DataError
from gvseg.entry import readable_errors
from gvseg.formats.errors import InputError, MissingInputError, is_input_error, one_line
from gvseg.utils.errors import CheckpointError, ConfigError, WorkDirError


class ForeignError(Exception):
    """Error of a plugin that does not import GvSeg."""

    is_input_error = True


def test_the_line_names_file_entry_and_cure() -> None:
    error = InputError('has no class', 'a.json', 'video 3', 'add one')
    assert str(error) == 'a.json: video 3: has no class; add one'
    assert (error.path, error.entry, error.cure) == ('a.json', 'video 3', 'add one')


@pytest.mark.parametrize('kind', [DataError, InputError, MissingInputError, ConfigError, CheckpointError, WorkDirError])
def test_every_kind_is_an_input_error_and_travels_between_processes(kind: type) -> None:
    error = kind('x.png: is bad')
    assert isinstance(error, InputError) and isinstance(error, ValueError)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind and str(copy) == 'x.png: is bad'


def test_a_missing_file_is_also_the_usual_error() -> None:
    with pytest.raises(FileNotFoundError, match='^a.png: gone$'):
        raise MissingInputError('gone', 'a.png')


@pytest.mark.parametrize('error', [ForeignError('plugin: file x is bad'), InputError('plugin: file x is bad')])
def test_errors_of_plugins_end_in_one_line(error: Exception, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as caught:
        with readable_errors():
            raise error
    assert caught.value.code == 2 and capsys.readouterr().err == 'error: plugin: file x is bad\n'


def test_a_value_error_of_the_code_is_none() -> None:
    assert not is_input_error(ValueError('slip')) and is_input_error(InputError('x'))


def test_text_of_a_file_cannot_break_the_line() -> None:
    assert one_line('a\nb\0c\ud800') == 'a\\nb\\x00c\\ud800'
    assert len(one_line('x' * 10_000)) < 100 and len(str(InputError('x' * 10_000))) < 1100
