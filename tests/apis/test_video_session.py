"""Objects shown, corrected and followed in both directions, with the shipped model of generated shapes."""

import threading

import numpy as np
import pytest
import torch

from gvseg.apis import FrameResult, ObjectPrompt, VideoSegmenter, VideoSession, shipped_model

from .conftest import HEIGHT, ROOT, WIDTH, moving_square

LENGTH = 7


def square(frame: int) -> np.ndarray:
    """Where the square of the frames is, (H, W) bool."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[16:32, 8 + 4 * frame : 24 + 4 * frame] = True
    return mask


def centre(frame: int) -> tuple[float, float]:
    return 16 + 4 * frame, 24


def overlap(result: FrameResult, identity: int = 1) -> float:
    """IoU of an object with the square."""
    masks = result.masks[result.ids == identity]
    found = masks[0] if len(masks) else np.zeros((HEIGHT, WIDTH), bool)
    return (found & square(result.index)).sum() / (found | square(result.index)).sum()


def contents(results: list[FrameResult]) -> list[tuple]:
    return [(result.index, result.ids.tolist(), result.names, result.rles) for result in results]


@pytest.fixture(scope='module')
def segmenter() -> VideoSegmenter:
    return VideoSegmenter(*shipped_model('evs', ROOT))


@pytest.fixture
def session(segmenter: VideoSegmenter) -> VideoSession:
    with segmenter.session(moving_square(LENGTH)) as session:
        yield session


SHOWN = [dict(point=centre(2)), dict(box=(16, 16, 32, 32)), dict(mask=square(2))]


@pytest.mark.parametrize('shown', SHOWN, ids=['point', 'box', 'mask'])
def test_an_object_is_followed_from_any_frame_in_both_directions(session: VideoSession, shown: dict) -> None:
    session.add(frame=2, **shown)
    both = list(session.run('both'))
    assert [result.index for result in both] == list(range(LENGTH))
    assert all(overlap(result) > 0.5 for result in both)
    assert overlap(both[2]) == 1 or 'mask' not in shown
    forward = list(session.run())
    assert not any(len(result) for result in forward[:2])
    assert all(one is other for one, other in zip(forward[2:], both[2:]))  # nothing was computed twice
    backward = list(session.run('backward'))
    assert all(len(result) for result in backward[:3]) and not any(len(result) for result in backward[3:])


@pytest.mark.parametrize('clip_length', [None, 1])
def test_objects_of_the_first_frame_are_followed_as_in_a_stream(clip_length: int | None) -> None:
    segmenter, frames = VideoSegmenter(*shipped_model('evs', ROOT), clip_length=clip_length), moving_square(LENGTH)
    segmenter.add_object(0, point=centre(0))
    segmenter.add_object(0, box=(40, 2, 60, 14))
    streamed = [sample.pred_object_map.sem_seg[0].numpy() for sample in segmenter.stream(frames)]
    session = segmenter.session(frames)
    session.add(frame=0, point=centre(0))
    session.add(frame=0, box=(40, 2, 60, 14))
    for result, expected in zip(session.run(), streamed):
        found = np.zeros((HEIGHT, WIDTH), int)
        for identity, mask in zip(result.ids, result.masks):
            found[mask] = identity
        np.testing.assert_array_equal(found, expected)


def test_a_preview_is_what_a_run_gives(session: VideoSession) -> None:
    session.add(frame=0, point=centre(0))
    seen = session.preview(0)
    results = list(session.run())
    assert results[0] is seen and session.preview(5) is results[5]
    session.add(object=1, frame=4, mask=square(4))
    assert overlap(session.preview(4)) == 1
    assert list(session.run())[4] is session.preview(4)


def test_a_preview_far_from_a_run_shows_what_has_prompts_there(session: VideoSession) -> None:
    session.add(frame=0, point=centre(0))
    session.add(object=2, frame=5, point=centre(5))
    assert session.preview(5).ids.tolist() == [2]
    list(session.run())
    assert session.preview(5).ids.tolist() == [1, 2] or overlap(session.preview(5), 2) > 0.5


def test_a_correction_changes_nothing_before_it_and_does_not_forget(session: VideoSession) -> None:
    session.add(frame=0, mask=square(0))
    before = list(session.run())
    done = []
    session.add(object=1, frame=4, mask=square(4))
    after = list(session.run(progress=lambda *counts: done.append(counts)))
    assert all(one is other for one, other in zip(before[:4], after[:4]))
    assert done[-1] == (3, 3)  # frames 4 to 6 and no others
    assert overlap(after[4]) == 1 and all(overlap(result) > 0.5 for result in after)
    memory = session._passes['forward']._done[-1].state.state.objects
    assert memory.counts.tolist() == [2]  # both exemplars
    assert session.undo()
    assert contents(list(session.run())) == contents(before)


def test_results_do_not_depend_on_the_order_of_edits(segmenter: VideoSegmenter) -> None:
    prompts = [
        ObjectPrompt(1, 0, point=centre(0)),
        ObjectPrompt(1, 0, point=(18, 26)),
        ObjectPrompt(2, 3, box=(2, 34, 20, 46)),
        ObjectPrompt(1, 4, point=(4, 4), positive=False),
    ]
    found = []
    for order in (prompts, prompts[::-1]):
        session = segmenter.session(moving_square(LENGTH))
        for prompt in order:
            session.add(prompt)
            session.preview(prompt.frame)
        found.append(contents(list(session.run('both'))))
    assert found[0] == found[1]


def test_sessions_and_a_stream_may_share_a_segmenter(segmenter: VideoSegmenter) -> None:
    frames = moving_square(LENGTH)
    segmenter.add_object(0, point=centre(0))
    alone = [sample.pred_object_map.sem_seg for sample in segmenter.stream(frames)]
    segmenter.add_object(0, point=centre(0))
    stream = segmenter.stream(frames)
    found = [next(stream)]
    session, other = segmenter.session(frames[::-1]), segmenter.session(frames)
    session.add(frame=0, point=centre(6))
    other.add(frame=0, point=centre(0))
    runs = [session.run(), other.run()]
    for _ in range(LENGTH - 1):
        [next(run) for run in runs]
        found.append(next(stream))
    assert all(torch.equal(one.pred_object_map.sem_seg, map_) for one, map_ in zip(found, alone))
    assert contents(list(other.run()))[3][1] == [1]


def test_background_exemplars_are_no_objects(session: VideoSession) -> None:
    session.add(frame=0, point=centre(0))
    session.add(object=1, frame=0, point=(50, 8), positive=False)
    session.add(object=1, frame=3, mask=~square(3), positive=False)
    results = list(session.run())
    assert all(set(result.ids.tolist()) <= {1} for result in results)
    assert overlap(results[0]) > 0.5


def test_deleted_and_named_objects(session: VideoSession) -> None:
    session.add(frame=0, point=centre(0))
    session.add(object=2, frame=0, mask=~square(0))
    session.name_object(2, 'rest')
    result = session.result()
    assert result[0].names == ('object', 'rest') or result[0].names[-1] == 'rest'
    assert 'rest' in {entry for frame in result for entry in frame.names}
    session.delete_object(2)
    assert session.result().ids == [1]


def test_lost_objects_are_reported(session: VideoSession) -> None:
    frames = moving_square(LENGTH)
    for frame in frames[1:]:
        frame[:] = 60  # the square is gone
    with session.segmenter.session(frames) as session:
        session.add(frame=0, mask=square(0))
        result = session.result()
        (report,) = result.reports
        last = max(frame.index for frame in result if len(frame))
        assert report.last == last and report.lost == (None if last == LENGTH - 1 else last + 1)
        assert last < 5 and report.message.startswith(f'Object 1 is lost at frame {last + 1}.')


def test_one_frame_and_no_prompts(segmenter: VideoSegmenter) -> None:
    with segmenter.session(moving_square(1)) as session:
        assert [len(result) for result in session.run('both')] == [0]
        assert len(session.preview(0)) == 0 and session.reports == []
        session.add(frame=0, mask=square(0))
        for direction in ('forward', 'backward', 'both'):
            (result,) = session.run(direction)
            assert overlap(result) == 1


def test_a_run_that_is_closed_keeps_what_it_has(session: VideoSession) -> None:
    session.add(frame=0, point=centre(0))
    run = session.run()
    first = next(run)
    run.close()
    assert sorted(session.results) == [0, 1, 2] and session.results[0] is first  # one clip
    assert [result.index for result in session.run(from_frame=4)] == [4, 5, 6]


def test_prompts_that_change_under_a_run_stop_it(session: VideoSession) -> None:
    session.add(frame=0, point=centre(0))
    run = session.run()
    next(run)
    session.add(frame=3, point=centre(3))
    with pytest.raises(ValueError, match='Prompts changed while the video was segmented'):
        list(run)
    session.name_object(1, 'square')  # a name does not
    run = session.run()
    next(run)
    session.name_object(1, 'other')
    assert len(list(run)) == LENGTH - 1


@pytest.mark.parametrize(
    'call, message',
    [
        (lambda s: s.preview(7), 'There is no frame 7: the video has frames 0 to 6'),
        (lambda s: s.add(frame=7, point=(1, 1)), 'The video has 7 frames'),
        (lambda s: s.add(frame=0, point=(64, 1)), 'is outside the frame 0'),
        (lambda s: list(s.run('sideways')), "direction='sideways': a run goes 'forward', 'backward', 'both'"),
        (lambda s: s.name_object(3, 'x'), 'There is no object 3'),
    ],
)
def test_bad_calls_are_one_line(session: VideoSession, call, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        call(session)
    assert '\n' not in str(caught.value)


def test_a_model_without_prompts_has_no_sessions(segmenters: dict) -> None:
    with pytest.raises(ValueError, match='takes no object prompts'):
        segmenters['vss'].session(moving_square(1))


def test_prompts_in_one_call(segmenter: VideoSegmenter) -> None:
    prompts = [dict(object=1, frame=3, point=centre(3)), ObjectPrompt(1, 3, point=(2, 2), positive=False)]
    result = segmenter(moving_square(LENGTH), prompts=prompts, direction='both', names={1: 'square'})
    assert len(result) == LENGTH and result.ids == [1] and result[3].names == ('square',)
    assert result.to_coco()[0]['track_id'] == 1
    with pytest.raises(ValueError, match='No object is shown: give prompts='):
        segmenter(moving_square(2), prompts=[])
    with pytest.raises(ValueError, match='There is no object 2; there are: 1'):
        segmenter(moving_square(2), prompts=[dict(point=(1, 1))], names={2: 'dog'})


def test_lost_objects_are_warned_about(segmenter: VideoSegmenter) -> None:
    frames = [moving_square(1)[0], *[np.full((HEIGHT, WIDTH, 3), 60, np.uint8)] * 5]
    with pytest.warns(UserWarning, match='Object 1 is lost at frame'):
        session = segmenter(frames, prompts=[dict(mask=square(0))])
    with pytest.warns(UserWarning, match='Object 1 is lost at frame'):
        stream = segmenter(frames, objects=[dict(frame_index=0, mask=square(0))])
    assert session.reports == stream.reports  # both ways to segment say the same


def test_previews_and_a_run_in_two_threads(session: VideoSession) -> None:
    session.add(frame=0, point=centre(0))
    seen: list[FrameResult] = []
    thread = threading.Thread(target=lambda: seen.extend(session.preview(0) for _ in range(5)))
    thread.start()
    results = list(session.run())
    thread.join()
    assert all(one is results[0] for one in seen)
