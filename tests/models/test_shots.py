"""Objects at a hard cut."""

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

from .builders import evs_model
from .samples import clip_sample, no_exemplars, pixels


def model(after_cut: str):
    torch.manual_seed(0)
    found = MODELS.build(ConfigDict(evs_model(), type='GvSegShots', after_cut=after_cut)).eval()
    found.task_output.presence = found.associator.confidence = 0.0
    found.task_output.threshold = 1e-6  # an untrained network: objects are everywhere that they may be
    return found


def shot(value: float) -> torch.Tensor:
    """A clip of one colour."""
    return pixels(1) * 0.01 + value


def has_objects(result) -> list[bool]:
    return [bool(frame.pred_object_map.sem_seg.any()) for frame in result[0].video_data_samples]


@torch.no_grad()
@pytest.mark.parametrize('after_cut', ['search', 'lost'])
def test_objects_leave_at_a_cut(after_cut: str) -> None:
    network = model(after_cut)
    first = torch.cat((shot(-1.0)[:, :2], shot(2.0)[:, :1]), 1)  # the third frame begins a shot
    assert has_objects(network.predict(first, [clip_sample('a', [0, 1, 2], 9, exemplars=True, label=0)])) == [
        *(True, True, False)
    ]
    assert network.state.cut == 2
    later = no_exemplars(clip_sample('a', [2, 3, 4], 9, label=0))
    assert has_objects(network.predict(shot(2.0), [later])) == [after_cut == 'search'] * 2
    shown = clip_sample('a', [4, 5, 6], 9, exemplars=True, label=0)
    assert has_objects(network.predict(shot(2.0), [shown])) == [True, True]  # shown again
    network.predict(shot(2.0), [clip_sample('b', [0, 1, 2], 9, exemplars=True, label=0)])
    assert network.state.cut == 0


@torch.no_grad()
def test_a_cut_between_two_clips_that_share_no_frame_is_found() -> None:
    network = model('lost')
    network.predict(shot(-1.0), [clip_sample('a', [0, 1, 2], 9, exemplars=True, label=0)])
    assert (
        has_objects(network.predict(shot(2.0), [no_exemplars(clip_sample('a', [3, 4, 5], 9, label=0))])) == [False] * 3
    )
    assert network.state.cut == 3


@torch.no_grad()
def test_without_a_cut_results_are_those_of_the_parent() -> None:
    network = model('lost')
    torch.manual_seed(0)
    parent = MODELS.build(ConfigDict(evs_model())).eval()
    parent.load_state_dict(network.state_dict())
    parent.task_output, parent.associator.confidence = network.task_output, 0.0
    sample = clip_sample('a', [0, 1, 2], 9, exemplars=True, label=0)
    maps = [
        torch.cat([frame.pred_object_map.sem_seg.clone() for frame in each.predict(shot(0.5), [sample])[0]])
        for each in (network, parent)
    ]
    assert torch.equal(*maps)


def test_what_follows_a_cut_is_one_of_two() -> None:
    with pytest.raises(ValueError, match="after_cut is 'search' or 'lost', not 'go on'"):
        model('go on')
