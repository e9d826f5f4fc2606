"""The four tasks end to end on made-up clips: training losses, streaming prediction, and what may not leak."""

import pytest
import torch
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from mmengine.config import ConfigDict

import gvseg.models  # noqa: F401
from gvseg.core.panoptic import PACKED_VOID
from gvseg.utils.errors import ConfigError
from tests.models import builders
from tests.models.samples import SIZE, clip_sample, no_exemplars, pixels, rectangles, shown

TASKS = dict(vis=builders.vis_model, vss=builders.vss_model, vps=builders.vps_model, evs=builders.evs_model)
FIELDS = dict(vis='pred_track_instances', vss='pred_sem_seg', vps='pred_panoptic_seg', evs='pred_object_map')


def build(task: str) -> torch.nn.Module:
    torch.manual_seed(0)
    model = MODELS.build(ConfigDict(TASKS[task]()))
    model.init_weights()
    return model


def clip(task: str, video: object, frames: list[int], length: int = 6, **kwargs) -> TrackDataSample:
    kwargs.update(dict(label=0, exemplars=True) if task == 'evs' else {})
    return clip_sample(video, frames, length, **kwargs)


def prediction(frame, task: str) -> torch.Tensor:
    found = getattr(frame, FIELDS[task])
    return found.masks if task == 'vis' else found.sem_seg


@pytest.mark.parametrize('task', TASKS)
def test_losses_are_finite_and_reach_every_trainable_parameter(task):
    model = build(task).train()
    videos = [
        TrackDataSample(
            video_data_samples=[
                *clip(task, video, [0, 1, 2]).video_data_samples,
                *clip(task, video, [3, 4, 5]).video_data_samples,
            ]
        )
        for video in range(2)
    ]
    losses = model.loss(pixels(4).view(2, 6, 3, *SIZE), videos)
    total = sum(losses.values())
    assert torch.isfinite(total)
    assert {'loss_cls', 'loss_mask', 'loss_dice', 'loss_contrastive', 'd0.loss_mask'} <= set(losses)
    total.backward()
    untouched = [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert not untouched


@pytest.mark.parametrize('task', TASKS)
def test_a_batch_without_any_object_trains(task):
    model = build(task).train()
    losses = model.loss(pixels(1), [clip(task, 0, [0, 1, 2], count=0)])
    total = sum(losses.values())
    total.backward()
    assert torch.isfinite(total)


@pytest.mark.parametrize('task', TASKS)
def test_every_frame_is_reported_once_and_at_its_original_size(task):
    model = build(task).eval()
    reported = []
    for frames in ([0, 1, 2], [2, 3, 4], [4, 5, 5]):  # overlap of one frame, padded at the end
        sample = clip(task, 'a', frames) if frames[0] == 0 or task != 'evs' else no_exemplars(clip(task, 'a', frames))
        with torch.no_grad():
            (result,) = model.predict(pixels(1, seed=frames[0]), [sample])
        for frame in result.video_data_samples:
            assert prediction(frame, task).shape[-2:] == (48, 72)
            reported.append(frame.frame_id)
    assert reported == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize('task', TASKS)
def test_nothing_leaks_from_one_video_into_the_next(task):
    model = build(task).eval()

    def run(video: object) -> list[torch.Tensor]:
        found = []
        for start in (0, 3):
            sample = clip(task, video, [start, start + 1, start + 2])
            sample = sample if start == 0 or task != 'evs' else no_exemplars(sample)
            with torch.no_grad():
                (result,) = model.predict(pixels(1, seed=start + len(str(video))), [sample])
            found += [prediction(frame, task) for frame in result.video_data_samples]
        return found

    alone = run('b')
    run('another')
    after_another = run('b')
    assert all(torch.equal(first, second) for first, second in zip(alone, after_another))


def test_a_clip_from_the_middle_of_nowhere_is_refused():
    model = build('vis').eval()
    with torch.no_grad():
        model.predict(pixels(1), [clip('vis', 'a', [0, 1, 2], length=20)])
        with pytest.raises(ValueError, match='in order'):
            model.predict(pixels(1), [clip('vis', 'a', [9, 10, 11], length=20)])


def test_objects_may_enter_late_and_may_be_more_than_queries():
    model = build('evs').eval()
    ids = set()
    with torch.no_grad():
        model.predict(pixels(1), [clip('evs', 'a', [0, 1, 2], count=1)])
        assert model.state.objects.ids.tolist() == [1]
        model.predict(pixels(1), [clip('evs', 'a', [3, 4, 5], count=3)])
        assert model.state.objects.ids.tolist() == [1, 2, 3]
        assert model.associator.state.objects.tolist()[:4] == [1, 2, 3, -1]
        (result,) = model.predict(pixels(1), [no_exemplars(clip('evs', 'a', [6, 7, 8]))])
    for frame in result.video_data_samples:
        ids |= set(frame.pred_object_map.sem_seg.unique().tolist())
    assert ids <= {0, 1, 2, 3}


def test_free_class_queries_are_tested_with_one_query_for_each_class():
    """Twelve queries learn nine classes; at test there are nine, of which each label is one."""
    config = ConfigDict(builders.vss_model(num_classes=9))
    config.track_head.num_queries = 12
    config.track_head.query_initializer.update(num_queries=12, aligned=False)
    model = MODELS.build(config)
    initializer = model.track_head.query_initializer
    for label in range(9):
        initializer.update_memory(torch.tensor([label]), torch.randn(1, 128), torch.zeros(1, 64))
    model.eval()
    with torch.no_grad():
        (result,) = model.predict(pixels(1), [clip_sample('a', [0, 1, 2], 6)])
    assert len(model.associator.state.age) == 9
    for frame in result.video_data_samples:
        labels = frame.pred_sem_seg.sem_seg
        assert labels.shape == (1, 48, 72) and labels.min() >= 0 and labels.max() < 9


def shown_in(sample: TrackDataSample, frame: int, order: list[int], given: bool = False) -> TrackDataSample:
    """The clip with objects shown by their masks in one of its frames; ``given``: as masks that are the result."""
    no_exemplars(sample)
    masks, ids = rectangles(frame, max(order) + 1)[order], torch.tensor(order) + 1
    sample[frame].exemplars = shown(masks, ids)
    if given:
        sample[frame].exemplars.given_masks = [torch.from_numpy(mask[:48, :72] > 0) for mask in masks]
    return sample


def test_an_object_is_not_in_frames_before_it_is_shown():
    model = build('evs').eval()
    model.task_output.threshold, model.task_output.presence = 1e-6, 0.0  # the object is everywhere
    with torch.no_grad():
        frames = [
            frame
            for start in (0, 3)
            for frame in model.predict(
                pixels(1, seed=start),
                [
                    no_exemplars(clip('evs', 'a', [0, 1, 2]))
                    if start == 0
                    else shown_in(clip('evs', 'a', [3, 4, 5]), 1, [0])
                ],
            )[0].video_data_samples
        ]
    assert [frame.pred_object_map.sem_seg.unique().tolist() for frame in frames] == [[0]] * 4 + [[1]] * 2


def test_a_given_mask_is_reported_as_it_was_given():
    model = build('evs').eval()
    with torch.no_grad():
        (result,) = model.predict(pixels(1), [shown_in(clip('evs', 'a', [0, 1, 2]), 1, [0, 1], given=True)])
    for index, mask in enumerate(rectangles(1, 2)):
        found = result[1].pred_object_map.sem_seg[0] == index + 1
        assert torch.equal(found, torch.from_numpy(mask[:48, :72] > 0))


def test_the_order_in_which_objects_are_shown_changes_nothing():
    model = build('evs').eval()
    model.task_output.threshold, model.task_output.presence = 0.4, 0.0
    maps = []
    for order in ([0, 1, 2], [2, 0, 1]):
        with torch.no_grad():
            clips = [shown_in(clip('evs', 'a', [0, 1, 2]), 0, order), no_exemplars(clip('evs', 'a', [3, 4, 5]))]
            results = [model.predict(pixels(1, seed=index), [sample])[0] for index, sample in enumerate(clips)]
        maps.append(torch.stack([prediction(frame, 'evs') for result in results for frame in result]))
    assert len(maps[0].unique()) > 2
    assert torch.equal(*maps)


def test_panoptic_output_packs_known_classes_only():
    model = build('vps').eval()
    model.task_output.min_score = 0.0
    with torch.no_grad():
        (result,) = model.predict(pixels(1), [clip('vps', 'a', [0, 1, 2])])
    packed = result.video_data_samples[0].pred_panoptic_seg.sem_seg
    assert ((packed == PACKED_VOID) | (packed >= 0)).all() and (packed < 9 * 2**16).all()


def test_an_item_that_is_no_whole_number_of_clips_names_both_settings():
    model = build('vis').train()
    with pytest.raises(ValueError, match='num_frames'):
        model.loss(pixels(1, frames=4), [clip('vis', 0, [0, 1, 2, 3])])


@pytest.mark.parametrize('task', TASKS)
def test_half_precision_at_test_says_about_the_same(task):
    """Class probabilities and embeddings come back in full precision, masks as they are."""
    exact, half = build(task).eval(), build(task).eval()
    half.test_dtype = torch.bfloat16
    sample, inputs = clip(task, 'video', [0, 1, 2]), pixels(1)
    found = []
    with torch.no_grad():
        for model in (exact, half):
            clips = model.track_head.clip_batch(inputs[0], [sample], with_targets=False)
            found.append(model.predict_single_view(inputs[0], clips))
        frames = half.predict(inputs, [sample])[0].video_data_samples
    assert found[1].probabilities.dtype == found[1].embeddings.dtype == torch.float32
    assert not torch.equal(found[0].probabilities, found[1].probabilities)
    torch.testing.assert_close(found[1].probabilities, found[0].probabilities, atol=0.02, rtol=0.1)
    assert len(frames) == 3 and prediction(frames[0], task).shape[-2:] == (48, 72)


def test_only_half_precisions_are_mixed():
    with pytest.raises(ConfigError, match='float16 or bfloat16, not float64'):
        MODELS.build(ConfigDict(dict(builders.vis_model(), test_dtype='float64')))
