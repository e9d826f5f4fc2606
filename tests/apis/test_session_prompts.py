"""Edits of a video's prompts: added, removed, named, undone; bad ones are refused in one line."""

import numpy as np
import pytest

from gvseg.apis import ObjectPrompt
from gvseg.apis.session_prompts import SessionPrompts


@pytest.fixture
def session() -> SessionPrompts:
    return SessionPrompts(10, (20, 40))


def test_objects_are_numbered_and_corrected(session: SessionPrompts) -> None:
    first = session.add(frame=0, point=(5, 5))
    second = session.add(frame=3, box=(1, 1, 9, 9))
    session.add(object=1, frame=6, point=(7, 7), positive=False)
    assert (first.identity, second.identity, session.objects) == (1, 2, [1, 2])
    assert session.first_shown() == {1: 0, 2: 3}
    session.remove(first)
    assert session.objects == [1, 2] and session.first_shown() == {2: 3}
    with pytest.raises(ValueError, match='This prompt of object 1 is not there'):
        session.remove(first)


def test_every_edit_is_undone_and_repeated(session: SessionPrompts) -> None:
    assert not session.undo() and not session.redo()
    session.add(frame=0, point=(5, 5))
    session.name_object(1, ' dog ')
    assert session.names == {1: 'dog'}
    session.delete_object(1)
    assert session.objects == [] and session.names == {}
    assert session.undo() and session.names == {1: 'dog'} and session.objects == [1]
    assert session.undo() and session.names == {}
    assert session.redo() and session.redo() and session.objects == []
    assert session.undo()
    session.add(frame=1, point=(5, 5))
    assert not session.redo()  # a new edit takes its place


def test_edits_may_be_forgotten(session: SessionPrompts) -> None:
    session.add(frame=0, point=(5, 5))
    session.add(frame=1, point=(5, 5))
    session.undo()
    session.forget_edits()
    assert not session.undo() and not session.redo() and session.objects == [1]


def test_an_empty_name_takes_the_name_away(session: SessionPrompts) -> None:
    session.add(frame=0, point=(5, 5))
    session.name_object(1, 'dog')
    session.name_object(1, '')
    assert session.names == {}


@pytest.mark.parametrize(
    'prompt, message',
    [
        (dict(frame=0, point=(40, 5)), r'Point \(40, 5\) is outside the frame 0'),
        (dict(frame=0, point=(5, 5), positive=False, source='--negative 0:5,25'), None),
        (dict(frame=10, point=(5, 5)), 'The video has 10 frames, but object 1 was to be shown in frame 10'),
        (dict(frame=-1, point=(5, 5)), 'ids start at 1 and frames at 0'),
        (dict(frame=0, mask=np.ones((4, 4))), 'mask of object 1 is 4x4 but the frame 0 is 20x40'),
        (dict(frame=0, mask=np.zeros((20, 40))), 'is empty'),
        (dict(frame=0, box=(50, 5, 60, 9)), 'covers no pixel of the frame'),
        (dict(frame=0), 'exactly one of mask, box and point, got none'),
        (dict(object=0, point=(5, 5)), 'ids start at 1'),
    ],
)
def test_prompts_that_do_not_fit_are_refused_when_they_are_added(
    session: SessionPrompts, prompt: dict, message: str | None
) -> None:
    if message is None:
        assert not session.add(**prompt).positive
        return
    with pytest.raises(ValueError, match=message):
        session.add(**prompt)
    assert session.prompts == () and not session.undo()


@pytest.mark.parametrize('edit', [lambda s: s.delete_object(4), lambda s: s.name_object(4, 'dog')])
def test_unknown_objects_are_named(session: SessionPrompts, edit) -> None:
    session.add(object=2, point=(5, 5))
    with pytest.raises(ValueError, match='There is no object 4; there are: 2'):
        edit(session)


def test_an_object_needs_a_positive_prompt_where_it_is_known(session: SessionPrompts) -> None:
    session.add(object=1, frame=2, point=(5, 5), positive=False)
    for direction in ('forward', 'backward', 'both'):
        with pytest.raises(ValueError, match='Object 1 has negative prompts only'):
            session.check(direction)
    session.add(object=1, frame=4, point=(9, 9))
    with pytest.raises(ValueError, match='negative prompt in frame 2, where a run forward does not know it yet'):
        session.check('forward')
    session.check('both')
    session.check('backward')


def test_passes_get_the_prompts_that_they_know(session: SessionPrompts) -> None:
    def told(placed: list[tuple[int, ObjectPrompt]]) -> list[tuple[int, int]]:
        return [(place, prompt.identity) for place, prompt in placed]

    session.add(object=2, frame=6, point=(5, 5))
    session.add(object=1, frame=0, point=(5, 5))
    session.add(object=2, frame=8, point=(6, 6))
    session.add(object=2, frame=5, point=(7, 7), positive=False)
    assert told(session.forward()) == [(0, 1), (6, 2), (8, 2)]
    assert told(session.backward()) == [(1, 2), (3, 2), (4, 2), (9, 1)]
    assert told(session.before()) == [(3, 2), (4, 2)]  # object 1 is there from the first frame on
