"""Passes over a video: what is computed again, and what a prompt may change. The model lists what it was told."""

from typing import Any

import pytest

from gvseg.apis import ObjectPrompt
from gvseg.apis.object_reports import report_objects
from gvseg.apis.propagation import Clip, Propagation


def prompt(identity: int, frame: int) -> ObjectPrompt:
    return ObjectPrompt(identity, frame, point=(1, 1))


class Told:
    """A model whose state is the clips so far, and whose masks name the state they were made in."""

    def __init__(self, length: int, clip_length: int = 3, overlap: int = 1) -> None:
        self.clips: list[tuple[int, int, int]] = []
        self.propagation = Propagation(length, clip_length, overlap, self.segment)
        self.length = length

    def segment(self, clip: Clip, stop: int, state: Any) -> tuple[list[dict], tuple]:
        self.clips.append((clip.start, clip.first, stop))
        state = (*(state or ()), (clip.start, stop, tuple(prompt.identity for _, prompt in clip.shown)))
        return [{1: dict(place=place, state=state)} for place in range(clip.first, stop)], state

    def run(self, *prompts: ObjectPrompt) -> list[dict]:
        """Results of all positions, and of which clips they needed."""
        self.clips.clear()
        self.propagation.follow([(one.frame, one) for one in sorted(prompts, key=lambda one: one.frame)])
        list(self.propagation.compute(self.length - 1))
        return [self.propagation.masks(place) for place in range(self.length)]


def test_clips_overlap_and_report_every_frame_once() -> None:
    model = Told(8)
    found = model.run(prompt(1, 0))
    assert model.clips == [(0, 0, 3), (2, 3, 5), (4, 5, 7), (6, 7, 8)]
    assert [masks[1]['place'] for masks in found] == list(range(8))


def test_before_the_first_prompt_nothing_is_computed() -> None:
    model = Told(8)
    found = model.run(prompt(1, 5))
    assert model.clips == [(5, 5, 8)] and found[:5] == [{}] * 5 and 1 in found[5]


@pytest.mark.parametrize('frame', range(1, 8))
def test_a_prompt_changes_nothing_before_its_frame(frame: int) -> None:
    model, first = Told(8), prompt(1, 0)
    before = model.run(first)
    after = model.run(first, prompt(2, frame))
    assert all(one is other for one, other in zip(before[:frame], after[:frame]))
    assert not any(one == other for one, other in zip(before[frame:], after[frame:]))
    assert len(model.clips) == 1 + (7 - frame) // 2 and model.clips[0][1] == frame  # from that frame only


@pytest.mark.parametrize('frames', [(0, 4), (4, 0), (2, 3), (1, 7), (5, 1)])
def test_results_depend_on_the_prompts_alone(frames: tuple[int, int]) -> None:
    prompts = [prompt(index + 1, frame) for index, frame in enumerate(frames)]
    edited, fresh = Told(8), Told(8)
    edited.run(prompts[0])
    edited.run(*prompts, prompt(3, 6))
    assert edited.run(*prompts) == fresh.run(*prompts)


def test_the_same_prompts_need_nothing() -> None:
    model, prompts = Told(8), [prompt(1, 0), prompt(2, 4)]
    one = model.run(*prompts)
    assert model.run(*prompts[::-1]) == one and not model.clips


def test_without_prompts_there_is_nothing() -> None:
    model = Told(3)
    assert model.run() == [{}, {}, {}] and not model.clips


def test_a_single_frame() -> None:
    model = Told(1)
    assert model.run(prompt(1, 0))[0][1]['place'] == 0 and model.clips == [(0, 0, 1)]


def test_what_is_missing_is_counted() -> None:
    model = Told(8)
    model.propagation.follow([(0, prompt(1, 0))])
    assert model.propagation.missing(7) == 8 and model.propagation.missing(3) == 5
    assert model.propagation.ready_for(2) and not model.propagation.ready_for(3)
    assert list(model.propagation.compute(2)) == [3] and model.propagation.missing(7) == 5
    assert model.propagation.masks(2) is not None and model.propagation.masks(3) is None
    assert model.propagation.ready_for(3)


def test_clips_of_one_frame_do_not_overlap() -> None:
    model = Told(3, 1, 0)
    model.run(prompt(1, 0))
    assert model.clips == [(0, 0, 1), (1, 1, 2), (2, 2, 3)]


# Lost and never found -------------------------------------------------------------------------------------------------


def shown(*frames: int) -> list[ObjectPrompt]:
    """Objects 1, 2, ... shown by a point in these frames."""
    return [prompt(identity, frame) for identity, frame in enumerate(frames, 1)]


def test_lost_objects_are_named_with_the_frame() -> None:
    found = [(0, [1, 2]), (1, [1, 2]), (2, [1]), (3, [1])]
    there, lost, never = report_objects(shown(0, 0, 1), found, 3, {2: 'dog'})
    assert there.message == '' and (there.first, there.last, there.lost) == (0, 3, None)
    assert lost.message.startswith('Object 2 (dog) is lost at frame 2.') and lost.lost == 2
    assert never.never_found and never.message.startswith('Object 3, shown in frame 1, was found in no frame.')
    assert all('\n' not in report.message for report in (lost, never))


def test_one_that_comes_back_is_not_lost() -> None:
    assert report_objects(shown(0), [(0, [1]), (1, []), (2, [1])], 2)[0].lost is None


def test_backward_an_object_is_lost_towards_the_first_frame() -> None:
    (report,) = report_objects(shown(3), [(3, [1]), (2, [1]), (1, []), (0, [])], 0, backward=True)
    assert report.lost == 1
