"""With all GvSeg parts off, our head is mmdet's: bit for bit in training (losses, gradients), to 1e-4 at test."""

import copy

import pytest
import torch
from mmdet.registry import MODELS
from mmdet.structures import DetDataSample, TrackDataSample
from mmdet.structures.mask import BitmapMasks
from mmengine.config import ConfigDict
from mmengine.structures import InstanceData

import gvseg.models  # noqa: F401
from tests.models.builders import head_config


def _samples(videos: int, frames: int, size: tuple[int, int]) -> list[TrackDataSample]:
    """Two objects a video; object 1 is a moving rectangle, object 2 is there in the last frame only."""
    samples = []
    for video in range(videos):
        data = []
        for frame in range(frames):
            masks = torch.zeros(2, *size, dtype=torch.uint8)
            masks[0, 8:40, 8 + 4 * frame : 30 + 4 * frame + video] = 1
            masks[1, 30:60, 50:90] = 1
            count = 2 if frame == frames - 1 else 1
            sample = DetDataSample(
                metainfo=dict(img_shape=size, ori_shape=size, batch_input_shape=size, video_id=video, frame_id=frame)
            )
            sample.gt_instances = InstanceData(
                labels=torch.tensor([1, 3])[:count],
                instances_ids=torch.tensor([7, 9])[:count],
                masks=BitmapMasks(masks[:count].numpy(), *size),
            )
            data.append(sample)
        samples.append(TrackDataSample(video_data_samples=data))
    return samples


def _features(frames: int, size: tuple[int, int], channels: list[int]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    return [
        torch.randn(frames, c, size[0] // s, size[1] // s, generator=generator)
        for c, s in zip(channels, (4, 8, 16, 32))
    ]


@pytest.fixture(scope='module')
def heads():
    ours = head_config(num_classes=5)
    ours.update(
        type='GvSegHead',
        seeded_points=False,
        query_initializer=dict(type='LearnedQueries', num_queries=ours['num_queries']),
    )
    theirs = copy.deepcopy(head_config(num_classes=5))
    theirs['pixel_decoder']['type'] = 'MSDeformAttnPixelDecoder'
    theirs.update(type='Mask2FormerTrackHead')
    torch.manual_seed(0)
    theirs = MODELS.build(ConfigDict(theirs))
    theirs.init_weights()
    ours = MODELS.build(ConfigDict(ours))
    missing, unexpected = ours.load_state_dict(theirs.state_dict(), strict=False)
    assert not missing and not unexpected
    return ours, theirs


@pytest.mark.parametrize('videos', [1, 2])
def test_training_outputs_losses_and_gradients(heads, videos):
    frames, size = 3, (64, 96)
    channels = head_config(num_classes=5)['in_channels']
    results = []
    for head in heads:
        head.train()
        head.zero_grad()
        torch.manual_seed(11)
        losses = head.loss(_features(videos * frames, size, channels), _samples(videos, frames, size))
        sum(losses.values()).backward()
        results.append((losses, {name: p.grad for name, p in head.named_parameters()}))
    (ours, our_gradients), (theirs, their_gradients) = results
    assert list(ours) == list(theirs)
    for name, value in theirs.items():
        assert torch.equal(ours[name], value), name
    for name, gradient in their_gradients.items():
        torch.testing.assert_close(our_gradients[name], gradient, msg=name, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('frames', [1, 2, 5])
def test_test_time_outputs(heads, frames):
    size = (64, 96)
    features = _features(frames, size, head_config(num_classes=5)['in_channels'])
    sample = _samples(1, frames, size)[0]
    with torch.no_grad():
        ours, theirs = (head.eval()(features, sample) for head in heads)
    for our_layers, their_layers in zip(ours, theirs):
        assert len(our_layers) == len(their_layers)
        for our, their in zip(our_layers, their_layers):
            torch.testing.assert_close(our, their, rtol=1e-4, atol=1e-4)
