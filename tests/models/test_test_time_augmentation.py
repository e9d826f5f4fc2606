"""Other views of a clip: they come back to the base's pixels and queries, and the mean is taken where they agree."""

from types import SimpleNamespace

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

import gvseg.models  # noqa: F401
from gvseg.core.descriptors import DescriptorSpec, compute_descriptors
from gvseg.core.query_set import QuerySet
from gvseg.models.segmenters import View
from gvseg.models.segmenters.extras.test_time_augmentation import match_queries, mirrored_descriptors
from gvseg.models.structures import ClipBatch, ClipPrediction, ExemplarBatch, ObjectMemory
from gvseg.utils.errors import ConfigError
from tests.models import builders
from tests.models.samples import SIZE, clip_sample, no_exemplars, pixels
from tests.models.test_segmenter import FIELDS, TASKS, prediction

BOTH = [dict(flip=True), dict(scale=1.25), dict(scale=0.7, flip=True)]


def build(task: str, views: list[dict] | None) -> torch.nn.Module:
    """The tiny model of a task, with views or, for ``None``, without any augmentation."""
    torch.manual_seed(0)
    extra = {} if views is None else dict(type='GvSegTTA', views=views)
    model = MODELS.build(ConfigDict({**TASKS[task](), **extra}))
    model.init_weights()
    return model.eval()


def predict(model: torch.nn.Module, task: str, starts: tuple[int, ...] = (0, 3)) -> list:
    """The frames of a video of two clips."""
    frames = []
    for start in starts:
        options = dict(label=0, exemplars=True) if task == 'evs' else {}
        sample = clip_sample('a', [start, start + 1, start + 2], 6, **options)
        sample = no_exemplars(sample) if task == 'evs' and start else sample
        with torch.no_grad():
            frames += model.predict(pixels(1, seed=start), [sample])[0].video_data_samples
    return frames


def made_up(masks: torch.Tensor, probabilities: torch.Tensor, objects: torch.Tensor | None = None) -> ClipPrediction:
    """A prediction of free queries with these mask logits (N, T, h, w)."""
    count = len(masks)
    queries = QuerySet(
        feature=torch.zeros(1, count, 4),
        position=torch.zeros(1, count, 4),
        takes_cues=torch.ones(count, dtype=torch.bool),
        is_thing=torch.ones(count, dtype=torch.bool),
        objects=objects,
        classes=torch.ones(count, probabilities.shape[1] - 1, dtype=torch.bool),
    )
    return ClipPrediction(
        probabilities=probabilities,
        masks=masks,
        embeddings=torch.zeros(count, 4),
        descriptors=torch.zeros(0),
        present=masks.flatten(2).any(-1),
        queries=queries,
        features=[],
        frames=torch.arange(masks.shape[1]),
    )


def clips(real: tuple[int, int] = SIZE, padded: tuple[int, int] = SIZE) -> ClipBatch:
    return ClipBatch(frames=1, input_shape=padded, real_shapes=torch.tensor([real]).float(), seeds=[0], memories=[None])


@pytest.mark.parametrize('task', TASKS)
def test_the_same_view_again_changes_nothing(task: str) -> None:
    plain, again = build(task, None), build(task, [dict()])
    sample = clip_sample('a', [0, 1, 2], 6, **(dict(label=0, exemplars=True) if task == 'evs' else {}))
    found = []
    for model in (plain, again):
        batch = model.track_head.clip_batch(pixels(1), [sample], with_targets=False)
        batch.memories = [None]
        with torch.no_grad():
            found.append(model.predict_clip(pixels(1)[0], batch))
    for name in ('masks', 'probabilities', 'embeddings'):
        assert torch.allclose(getattr(found[0], name), getattr(found[1], name), atol=1e-4), name
    assert torch.allclose(*[clip.descriptors for clip in found], atol=1e-4)
    assert torch.equal(found[0].present, found[1].present)


@pytest.mark.parametrize('task', TASKS)
def test_every_task_runs_with_views_that_are_mirrored_and_scaled(task: str) -> None:
    frames = predict(build(task, BOTH), task)
    assert [frame.frame_id for frame in frames] == list(range(6))
    assert all(prediction(frame, task).shape[-2:] == (48, 72) for frame in frames)
    assert FIELDS[task] in frames[0]


class Threshold(torch.nn.Module):
    """A network that segments what is bright: the same in every view. Masks have a fourth of the input's sides."""

    def predict_single_view(self, inputs: torch.Tensor, batch: ClipBatch) -> ClipPrediction:
        self.sides = [*getattr(self, 'sides', []), tuple(inputs.shape[-2:])]
        assert batch.input_shape == self.sides[-1] and not any(side % 32 for side in self.sides[-1])
        height, width = (int(side) for side in batch.real_shapes[0])
        assert inputs[..., height:, :].abs().sum() == 0 and inputs[..., width:].abs().sum() == 0
        small = torch.nn.functional.avg_pool2d(inputs[:, 0], 4)
        return made_up(torch.stack((small, -small)), torch.tensor([[0.9, 0.1], [0.2, 0.8]]))


def augmented(views: list[dict], monkeypatch: pytest.MonkeyPatch, network: torch.nn.Module) -> torch.nn.Module:
    """A model with views whose network is replaced by another."""
    model = build('vis', views)
    monkeypatch.setattr(
        'gvseg.models.segmenters.gvseg.GvSeg.predict_single_view',
        lambda self, inputs, batch: network.predict_single_view(inputs, batch),
    )
    model.mask_nms = None
    return model


@pytest.mark.parametrize('view', [dict(flip=True), dict(scale=2), dict(scale=2, flip=True), dict(scale=0.5)])
def test_a_view_comes_back_to_where_it_was_taken(view: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = torch.full((1, 3, 64, 96), -1.0)
    inputs[..., 16:40, 8:32] = 1  # left of the middle: mirrored it would lie elsewhere
    inputs[..., 56:, :] = inputs[..., 80:] = 0  # padding
    model = augmented([view], monkeypatch, network := Threshold())
    with torch.no_grad():
        clip = model.predict_clip(inputs, clips(real=(56, 80), padded=(64, 96)))
    expected = torch.nn.functional.avg_pool2d(inputs[:, 0], 4)
    assert torch.equal(clip.masks[0] > 0, expected > 0)
    assert torch.allclose(clip.masks[0, :, 5:9, 3:7], expected[:, 5:9, 3:7], atol=1e-5)
    assert torch.equal(clip.masks[0, :, 14:], expected[:, 14:])
    assert torch.allclose(clip.probabilities, torch.tensor([[0.9, 0.1], [0.2, 0.8]]))
    assert network.sides == [(64, 96), {2: (128, 160), 0.5: (32, 64), 1: (64, 96)}[view.get('scale', 1)]]


class Changing(torch.nn.Module):
    """Two boxes; in the second look they come in another order, one at another place, with other probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def predict_single_view(self, inputs: torch.Tensor, batch: ClipBatch) -> ClipPrediction:
        masks = torch.full((2, 1, 16, 24), -1.0)
        masks[0, :, 2:6, 2:6] = masks[1, :, 8:12, 12:16] = 1
        probabilities = torch.tensor([[0.9, 0.1], [0.6, 0.4]])
        self.looks += 1
        if self.looks == 2:
            masks[1] = torch.where(masks[0] > 0, 3.0, -3.0)
            masks[0] = -1
            masks[0, :, 12:16, 20:24] = 1
            probabilities = torch.tensor([[1.0, 0.0], [0.5, 0.5]])
        return made_up(masks, probabilities)


def test_queries_meet_by_overlap_and_those_without_a_partner_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    model = augmented([dict()], monkeypatch, Changing())
    with torch.no_grad():
        clip = model.predict_clip(torch.zeros(1, 3, *SIZE), clips())
    assert torch.allclose(clip.probabilities, torch.tensor([[0.7, 0.3], [0.6, 0.4]]))
    assert clip.masks[0].max() == pytest.approx(2) and clip.masks[0].min() == pytest.approx(-2)
    assert clip.masks[1].max() == pytest.approx(1) and clip.masks[1].min() == pytest.approx(-1)
    size = torch.tensor([16.0, 24.0])
    assert torch.equal(clip.descriptors, model.track_head.descriptors.first_last(clip.masks, clip.present, size))


def test_queries_of_a_class_or_an_object_keep_their_place() -> None:
    tubes = torch.zeros(4, 1, 4, 4)
    overlap, equal = torch.eye(4)[:, [1, 0, 3, 2]], torch.ones(4, 4)
    free = made_up(tubes, torch.ones(4, 4)).queries
    pairs = dict(zip(*(index.tolist() for index in match_queries(free, overlap, equal, 0.5))))
    assert pairs == {0: 1, 1: 0, 2: 3, 3: 2}
    of_objects = made_up(tubes, torch.ones(4, 4), objects=torch.tensor([[7, 9, -1, -1]])).queries
    pairs = dict(zip(*(index.tolist() for index in match_queries(of_objects, overlap, equal, 0.5))))
    assert pairs == {0: 0, 1: 1, 2: 3, 3: 2}
    of_classes = SimpleNamespace(same_role=lambda: torch.eye(4, dtype=torch.bool), objects=None)
    pairs = dict(zip(*(index.tolist() for index in match_queries(of_classes, overlap, equal, 0.5))))
    assert pairs == {0: 0, 1: 1, 2: 2, 3: 3}


def test_of_repeated_queries_the_surer_ones_meet() -> None:
    queries = made_up(torch.zeros(2, 1, 4, 4), torch.ones(2, 4)).queries
    overlap = torch.tensor([[0.8, 0.9], [0.9, 0.8]])  # all four tubes cover one thing
    similarity = torch.tensor([[1.0, 0.1], [0.1, 1.0]])
    assert [index.tolist() for index in match_queries(queries, overlap, similarity, 0.5)] == [[0, 1], [0, 1]]
    assert [index.tolist() for index in match_queries(queries, overlap, similarity, 0.85)] == [[0, 1], [1, 0]]


def test_places_and_descriptors_of_objects_are_mirrored_with_the_frame() -> None:
    masks = torch.zeros(2, *SIZE, dtype=torch.bool)
    masks[0, 10:30, 8:20] = masks[0, 30:35, 8:40] = masks[1, 40:60, 70:90] = True
    spec = DescriptorSpec(points=None, binning='soft')
    there, mirrored = (compute_descriptors(each, spec, 64) for each in (masks, masks.flip(-1)))
    assert torch.allclose(mirrored_descriptors(there), mirrored, atol=1e-4)
    places = torch.tensor([[12 / 96, 0.5]])  # pixel 12 of 80 real ones; mirrored and doubled: 136 of 160
    base = clips(real=(56, 80), padded=(64, 96))
    base.exemplars = [ExemplarBatch(torch.tensor([1]), torch.tensor([0]), places[None], there[:1])]
    base.memories = [
        ObjectMemory(
            torch.tensor([1]), torch.zeros(1, 4), torch.zeros(1, 4), places, there[:1], *torch.tensor([[0], [0], [1]])
        )
    ]
    _, seen = View(scale=2, flip=True).frames(torch.zeros(1, 3, 64, 96), base, 32)
    assert seen.input_shape == (128, 160) and seen.real_shapes.tolist() == [[112, 160]]
    expected = torch.tensor([[136 / 160, 64 / 128]])
    assert torch.allclose(seen.exemplars[0].points[0], expected)
    assert torch.allclose(seen.memories[0].places, expected)
    assert torch.equal(seen.memories[0].descriptors, mirrored_descriptors(there[:1]))
    with pytest.raises(ConfigError, match='even number of angle bins'):
        mirrored_descriptors(torch.zeros(1, 35, 12))


@pytest.mark.parametrize(
    ('view', 'message'), [(dict(scale=0), 'positive number, not 0'), (dict(size=2), "scale, flip, not {'size': 2}")]
)
def test_a_view_that_cannot_be(view: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        MODELS.build(ConfigDict({**builders.vis_model(), 'type': 'GvSegTTA', 'views': [view]}))
