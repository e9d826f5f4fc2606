"""Prompts of the web demo: objects, undo and redo, masks that are painted; corrections over HTTP."""

import io
import zipfile
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

pytest.importorskip('uvicorn', reason='the web demo needs projects/web_demo/requirements.txt')
pytest.importorskip('starlette', reason='the web demo needs projects/web_demo/requirements.txt')

import gvseg  # noqa: F401
from gvseg.evaluation.metrics.youtube_vis_metric import encode_masks
from projects.web_demo.limits import Limits
from projects.web_demo.prompts import MAX_UNDO, PromptHistory, object_prompts

from .web_demo_server import Page, place_in, running, write_shapes

HEIGHT, WIDTH = 20, 30
LENGTH = 6


@pytest.fixture
def history() -> PromptHistory:
    return PromptHistory(5, (HEIGHT, WIDTH), 3)


def prompts_of(history: PromptHistory) -> list:
    return list(object_prompts(history.current.prompts, (HEIGHT, WIDTH)).values())


def test_prompts_of_several_objects(history: PromptHistory) -> None:
    history.add(0, 'point', [[3.5, 4]])
    history.add(0, 'point', [[8, 4]], positive=False, object_id=1)
    history.add(2, 'box', [[20, 15], [10, 5]])
    history.add(4, 'brush', [[10, 10]], radius=2)
    point, negative, box, mask = prompts_of(history)
    assert (point.identity, point.frame, point.point, point.positive) == (1, 0, (3.5, 4), True)
    assert (negative.identity, negative.point, negative.positive) == (1, (8, 4), False)
    assert (box.identity, box.frame, box.box) == (2, 2, (10, 5, 21, 16))
    rows, columns = np.nonzero(mask.mask)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 12, 8, 12)
    for prompt in (point, negative, box, mask):
        prompt.check((HEIGHT, WIDTH))


def test_strokes_of_an_object_in_a_frame_are_one_mask(history: PromptHistory) -> None:
    history.add(0, 'brush', [[2, 2], [20, 2]], radius=1)
    history.add(0, 'brush', [[2, 6], [20, 6]], radius=1, object_id=1)
    history.add(0, 'brush', [[20, 6]], radius=1, object_id=1, positive=False)
    history.add(1, 'brush', [[2, 2]], radius=1, object_id=1)
    first, second = prompts_of(history)
    assert first.mask[[2, 6], [10, 10]].all() and not first.mask[[6, 10], [20, 10]].any()
    assert (second.frame, second.mask.sum()) == (1, 5)


def test_a_stroke_extends_the_mask_that_was_shown(history: PromptHistory) -> None:
    shown = np.zeros((1, HEIGHT, WIDTH), bool)
    shown[0, 10:15, 10:15] = True
    history.add(0, 'point', [[12, 12]])
    history.add(0, 'brush', [[10, 10]], radius=1, object_id=1, positive=False, base=encode_masks(shown)[0])
    mask = next(one.mask for one in prompts_of(history) if one.mask is not None)
    assert mask.sum() == 25 - 3 and not mask[[10, 10, 11], [10, 11, 10]].any()


def test_undo_and_redo_go_through_every_action(history: PromptHistory) -> None:
    states = [history.current]
    for action in (
        lambda: history.add(0, 'point', [[1, 1]]),
        lambda: history.add(1, 'point', [[2, 2]], object_id=1),
        lambda: history.rename(1, ' dog '),
        lambda: history.add(0, 'box', [[1, 1], [9, 9]]),
        lambda: history.delete(1),
        history.clear,
    ):
        action()
        states.append(history.current)
    assert states[3].names == {1: 'dog'} and [one.object_id for one in states[5].objects] == [2]
    for state in states[-2::-1]:
        history.undo()
        assert history.current == state
    history.undo()  # nothing is left to undo
    for state in states[1:]:
        history.redo()
        assert history.current == state
    history.undo()
    history.add(2, 'point', [[1, 1]])
    assert history.current.objects[-1].object_id == 3 and history.after == []  # ids are not used twice


def test_undo_is_limited(history: PromptHistory) -> None:
    history.add(0, 'point', [[1, 1]])
    for _ in range(MAX_UNDO + 5):
        history.add(0, 'point', [[1, 1]], object_id=1)
    assert len(history.before) == MAX_UNDO


def test_points_outside_are_moved_to_the_border(history: PromptHistory) -> None:
    assert history.add(0, 'point', [[-3, 99]]).points == ((0, HEIGHT - 1),)


@pytest.mark.parametrize(
    'values, message',
    [
        (dict(frame=5), 'frames 0 to 4'),
        (dict(frame='0'), 'no frame 0'),
        (dict(kind='lasso'), "kind 'lasso'"),
        (dict(points=[]), '1 to 1 points'),
        (dict(points=[[1, 2], [3, 4]]), '1 to 1 points'),
        (dict(points=[[float('nan'), 2]]), 'finite'),
        (dict(radius=-1), 'radius'),
        (dict(kind='box', points=[[4, 4], [4, 9]]), 'box is empty'),
        (dict(object_id=4), 'no object 4'),
        (dict(object_id=True), 'no object True'),
        (dict(positive=False), 'corrects an object'),
        (dict(kind='brush', positive=False), 'no mask of this object to erase'),
    ],
)
def test_bad_prompts_are_refused(history: PromptHistory, values: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        history.add(**(dict(frame=0, kind='point', points=[[1, 2]]) | values))
    assert history.current.prompts == () and history.before == []


def test_a_painted_frame_takes_strokes_only(history: PromptHistory) -> None:
    history.add(0, 'brush', [[5, 5]], radius=2)
    with pytest.raises(ValueError, match='painted in this frame'):
        history.add(0, 'point', [[1, 1]], object_id=1)
    history.add(1, 'point', [[1, 1]], object_id=1)


def test_objects_are_limited_and_named(history: PromptHistory) -> None:
    for _ in range(3):
        history.add(0, 'point', [[1, 1]])
    with pytest.raises(ValueError, match='up to 3 objects'):
        history.add(0, 'point', [[1, 1]])
    for name in (None, 'x' * 41, 'a\nb'):
        with pytest.raises(ValueError, match='up to 40 printable characters'):
            history.rename(1, name)


@pytest.fixture(scope='module')
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list]:
    """An mp4 and its frames with the truth."""
    path = tmp_path_factory.mktemp('clip') / 'shapes.mp4'
    frames = write_shapes(path, LENGTH)
    return path.read_bytes(), frames


@pytest.fixture(scope='module')
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp('server'), Limits(megabytes=1)) as (address, _):
        yield address


@pytest.fixture
def page(server: str, clip: tuple) -> Page:
    page = Page(server)
    page.post('clip?name=a.mp4', clip[0])
    return page


def test_a_correction_computes_later_frames_only(page: Page, clip: tuple) -> None:
    page.prompt(0, [place_in(clip[1][0].instances == 1)])
    page.post('run/evs-shapes')
    assert page.finished()['total'] == LENGTH
    before = [page.get(f'masks/evs-shapes/{frame}.png')[1] for frame in range(LENGTH)]
    state = page.prompt(3, [[0, 0], [40, 40]], 'box', object_id=1)[1]
    assert state['work']['results']['evs-shapes']['valid'] == [[0, 2]]
    assert state['work']['results']['evs-shapes']['outdated'] == [[3, LENGTH - 1]]
    page.post('run/evs-shapes')
    assert page.finished()['total'] == 3  # frames 3, 4 and 5
    after = [page.get(f'masks/evs-shapes/{frame}.png')[1] for frame in range(LENGTH)]
    assert after[:3] == before[:3] and after[3] != before[3]
    page.post('objects/1/delete')
    assert cv2.imdecode(np.frombuffer(page.get('masks/evs-shapes/5.png')[1], np.uint8), -1).max() == 0
    state = page.post('prompts/undo')[1]['work']
    assert state['results']['evs-shapes']['valid'] == [[0, LENGTH - 1]]  # nothing has to be computed again
    assert page.get('masks/evs-shapes/5.png')[1] == after[5]
    state = page.post('prompts/undo')[1]['work']
    assert [one['frame'] for one in state['prompts']] == [0] and state['redo'] == 2


def test_strokes_change_the_mask_that_is_shown(page: Page, clip: tuple) -> None:
    x, y = place_in(clip[1][0].instances == 1)
    page.prompt(0, [[x, y]])
    shown = page.masks(0)[..., 3] > 0
    assert shown[int(y), int(x)]
    page.prompt(0, [[x, y]], 'brush', object_id=1, radius=2, positive=False)
    erased = page.masks(0)[..., 3] > 0
    assert not erased[int(y), int(x)] and 5 < (shown & ~erased).sum() < 40 and not (erased & ~shown).any()


def test_a_part_of_the_clip(page: Page, clip: tuple) -> None:
    page.prompt(2, [place_in(clip[1][2].instances == 1)])
    for body in (dict(first=3, last=5), dict(first=-1, last=5), dict(first=2, last=1), dict(first='0', last=5)):
        status, answer = page.post('part', body)
        assert status == 400 and 'part' in answer['error']
    assert page.post('part', dict(first=1, last=4))[1]['work']['first'] == 1
    assert 'outside the part 1 to 4' in page.prompt(5, [[3, 3]], object_id=1)[1]['error']
    page.post('run/evs-shapes?direction=both')
    page.finished()
    assert page.get()[1]['work']['results']['evs-shapes']['valid'] == [[1, 4]]
    with zipfile.ZipFile(io.BytesIO(page.file('evs-shapes', 'masks'))) as file:
        assert len(file.namelist()) == 4 + 1
