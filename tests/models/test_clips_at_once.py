"""Several clips in one batch at test, channels last: the network runs otherwise, results are the same."""

import pytest
import torch
from mmdet.structures import TrackDataSample

from tests.models.samples import SIZE, no_exemplars, pixels
from tests.models.test_segmenter import TASKS, build, clip, prediction

pytestmark = pytest.mark.usefixtures('mmdet_scope')
SMALL = (32, 64)


def clips(task: str) -> list[tuple[torch.Tensor, TrackDataSample]]:
    """Two clips of a video and one of a smaller one, with their inputs (1, 3, 3, H, W)."""
    found = []
    for video, start, size in (('a', 0, SIZE), ('a', 3, SIZE), ('b', 0, SMALL)):
        sample = clip(task, video, [start, start + 1, start + 2], count=1)
        if start and task == 'evs':
            no_exemplars(sample)
        for frame in sample.video_data_samples:
            frame.set_metainfo(dict(img_shape=size, pad_shape=size, batch_input_shape=size))
        found.append((pixels(1, seed=start + size[0])[..., : size[0], : size[1]], sample))
    return found


def in_one_batch(parts: list[tuple[torch.Tensor, TrackDataSample]]) -> tuple[torch.Tensor, list[TrackDataSample]]:
    """As the data preprocessor makes it: padded to the largest."""
    inputs = torch.zeros(len(parts), 3, 3, *SIZE)
    for index, (part, sample) in enumerate(parts):
        inputs[index, ..., : part.shape[-2], : part.shape[-1]] = part[0]
        for frame in sample.video_data_samples:
            frame.set_metainfo(dict(batch_input_shape=SIZE))
    return inputs, [sample for _, sample in parts]


def frames_of(results: list[TrackDataSample], task: str) -> list[torch.Tensor]:
    return [prediction(frame, task) for result in results for frame in result.video_data_samples]


@pytest.mark.parametrize('task', TASKS)
@torch.no_grad()
def test_a_batch_gives_what_its_clips_give_one_by_one(task):
    model = build(task).eval()
    expected = [model.predict(inputs, [sample])[0] for inputs, sample in clips(task)]
    found = model.predict(*in_one_batch(clips(task)))
    assert [[frame.frame_id for frame in result.video_data_samples] for result in found] == [
        [0, 1, 2],
        [3, 4, 5],
        [0, 1, 2],
    ]
    for one, other in zip(frames_of(found, task), frames_of(expected, task)):
        assert one.shape == other.shape and torch.allclose(one.float(), other.float(), atol=1e-4)


@pytest.mark.parametrize('task, batches', [('vis', [6, 3]), ('vss', [6, 3]), ('vps', [6, 3]), ('evs', [3, 3, 3])])
@torch.no_grad()
def test_the_backbone_sees_all_clips_of_one_size_at_once(task, batches):
    model, seen = build(task).eval(), []
    model.backbone.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    model.predict(*in_one_batch(clips(task)))
    assert seen == batches  # frames; exemplars are followed from clip to clip


@torch.no_grad()
def test_a_clip_that_does_not_follow_is_refused_in_a_batch_too():
    model, (first, second, _) = build('vis').eval(), clips('vis')
    for index, frame in enumerate(second[1].video_data_samples):
        frame.set_metainfo(dict(frame_id=9 + index))
    with pytest.raises(ValueError, match='in order'):
        model.predict(*in_one_batch([first, second]))


@torch.no_grad()
def test_channels_last_changes_the_layout_and_no_result():
    model, (inputs, sample) = build('vps').eval(), clips('vps')[0]
    expected = model.predict(inputs, [sample])
    model.use_channels_last()
    layouts = []
    model.backbone.register_forward_hook(
        lambda _, inputs, outputs: layouts.extend(
            out.is_contiguous(memory_format=torch.channels_last) for out in outputs
        )
    )
    found = model.predict(inputs, [clips('vps')[0][1]])
    assert layouts and all(layouts)
    for one, other in zip(frames_of(found, 'vps'), frames_of(expected, 'vps')):
        assert torch.equal(one, other)
