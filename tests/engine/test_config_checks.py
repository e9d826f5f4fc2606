"""Inconsistent settings of head and data pipeline stop a run before its first iteration."""

from types import SimpleNamespace

import pytest
from mmengine.config import Config

from gvseg.engine import ConfigCheckHook
from gvseg.engine.config_checks import check_clips, check_descriptors, describing_parts
from gvseg.utils.errors import ConfigError

PAPER = dict(points=200, binning='hard')


def config(step: dict, **head: object) -> Config:
    """A config with one transform in the pipeline of a concatenated training dataset."""
    head = dict(dict(feat_channels=256, descriptor=PAPER), **head)
    return Config(
        dict(
            model=dict(track_head=head),
            train_dataloader=dict(dataset=dict(datasets=[dict(pipeline=[dict(type='LoadClipFrames'), step])])),
            val_dataloader=None,
        )
    )


def refusal(*args: object, **kwargs: object) -> str:
    with pytest.raises(ConfigError) as caught:
        check_descriptors(config(*args, **kwargs))
    assert '\n' not in str(caught.value)
    return str(caught.value)


def test_equal_settings_pass_whether_written_or_default():
    check_descriptors(config(dict(type='MakeExemplars')))
    check_descriptors(config(dict(type='mmdet.MakeExemplars', dim=256, descriptor=PAPER), descriptor=None))
    check_descriptors(config(dict(type='TemporalContrastiveFrameSample', smart=dict(candidates=6, descriptor=PAPER))))


def test_a_config_without_a_head_or_descriptors_passes():
    check_descriptors(Config(dict(train_dataloader=dict(dataset=dict(pipeline=[dict(type='MakeExemplars')])))))
    check_descriptors(config(dict(type='PackClipInputs')))


@pytest.mark.parametrize(
    'option', [dict(points=None), dict(binning='soft'), dict(angle_bins=24), dict(radius='object')]
)
def test_unequal_descriptors_are_refused_with_both_places(option):
    ((name, value),) = option.items()
    message = refusal(dict(type='MakeExemplars', descriptor=dict(PAPER, **option)))
    assert f'train_dataloader.dataset.datasets.0.pipeline.1.descriptor has {name}={value!r}' in message
    assert f'model.track_head.descriptor has {name}=' in message


def test_an_unequal_width_is_refused():
    assert 'has dim=64, but model.track_head.feat_channels has dim=256' in refusal(dict(type='MakeExemplars', dim=64))


def test_preferences_are_looked_at_under_both_spellings():
    other = dict(descriptor=dict(binning='soft'))
    for smart in (other, dict(type='ReferenceFrameSelector', **other)):
        message = refusal(dict(type='TemporalContrastiveFrameSample', smart=smart))
        assert "pipeline.1.smart.descriptor has binning='soft'" in message


def test_references_are_chosen_by_the_threshold_of_the_loss():
    step = dict(type='TemporalContrastiveFrameSample', smart=dict(threshold=0.3))
    message = refusal(step, contrastive=dict(sampler=dict(type='TCLSampler')))
    assert 'has threshold=0.3, but model.track_head.contrastive.sampler has threshold=0.2' in message
    check_descriptors(config(step, contrastive=dict(sampler=dict(type='TCLSampler', threshold=0.3))))
    check_descriptors(config(step, contrastive=dict(sampler=dict(type='IdentityTCLSampler'))))


SAMPLE = 'TemporalContrastiveFrameSample'


def test_clips_are_as_long_as_the_heads():
    check_clips(config(dict(type=SAMPLE), num_frames=3))
    check_clips(config(dict(type=SAMPLE, clip_length=1), num_frames=1))
    check_clips(config(dict(type='LoadClipAnnotations'), num_frames=3))
    with pytest.raises(ConfigError, match=r'pipeline\.1 has clip_length=2, but model\.track_head\.num_frames has .*=3'):
        check_clips(config(dict(type=SAMPLE, clip_length=2), num_frames=3))


def test_of_a_photo_the_step_that_makes_the_clips_counts():
    photo = config(dict(type='CameraPseudoVideo', clip_length=3), num_frames=3)
    steps = photo.train_dataloader.dataset.datasets[0].pipeline
    steps[0] = dict(type=SAMPLE, clip_length=1, num_references=0)
    check_clips(photo)
    steps[1].clip_length = 4
    with pytest.raises(ConfigError, match=r'pipeline\.1 has clip_length=4'):
        check_clips(photo)


def test_near_references_are_what_the_loss_takes_for_them():
    step = dict(type=SAMPLE, num_near_references=1)
    check_clips(config(step, num_frames=3, contrastive=dict(near_references=1)))
    check_clips(config(step, num_frames=3))  # no contrastive loss
    for pipeline, loss in ((step, {}), (dict(type=SAMPLE), dict(near_references=1))):
        with pytest.raises(ConfigError, match='has near='):
            check_clips(config(pipeline, num_frames=3, contrastive=dict(type='TaskOrientedContrastiveLoss', **loss)))


def test_every_describing_part_is_found():
    parts = [key for key, _ in describing_parts(config(dict(type='MakeExemplars')))]
    assert parts == ['train_dataloader.dataset.datasets.0.pipeline.1']


def test_the_hook_stops_a_run():
    with pytest.raises(ConfigError, match='must agree'):
        ConfigCheckHook().before_run(SimpleNamespace(cfg=config(dict(type='MakeExemplars', dim=64))))
