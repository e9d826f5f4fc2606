"""Masks of points and boxes: what is cut out, which exemplars become masks, what the segmenter follows then."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmdet.registry import MODELS
from mmdet.structures import DetDataSample
from mmengine.config import ConfigDict
from mmengine.structures import InstanceData

from gvseg.core.descriptors import DescriptorSpec, compute_descriptors
from gvseg.core.query_set import QuerySet
from gvseg.models.exemplars import ExemplarBatch, ObjectMemory, background_id
from gvseg.models.heads.tube_descriptors import TubeDescriptors
from gvseg.models.segmenters import GvSeg, PromptMasks
from gvseg.models.segmenters.extras.prompt_masks import prompted_objects
from gvseg.models.structures import ClipBatch, ClipPrediction
from tests.models import builders
from tests.models.samples import SIZE, clip_sample, pixels

SPEC = DescriptorSpec(points=None, binning='soft')
H, W = 24, 48


def exemplars(ids: list[int], points: list[tuple[float, float]], frames: list[int] | None = None) -> ExemplarBatch:
    """Exemplars by one point each, fractions of the frame."""
    places = torch.tensor(points)[:, None].repeat(1, 4, 1)
    kinds = torch.full((len(ids),), 2)
    shown = torch.tensor(frames or [0] * len(ids))
    return ExemplarBatch(
        torch.tensor(ids), shown, places, torch.zeros(len(ids), 36, 12), kinds=kinds, given=[None] * len(ids)
    )


def test_masks_are_made_of_new_and_of_corrected_objects() -> None:
    ids = [1, 2, 3, 1, background_id(1, 0, 0), background_id(3, 2, 0)]
    shown = exemplars(ids, [(0.5, 0.5)] * 6, [2, 0, 0, 0, 0, 2])
    shown.given = [None, torch.ones(1, 1), None, None, None, None]
    # Object 1 is new in frame 0, and what frame 2 shows of it stays; 2 has a mask; 3 is known and corrected twice.
    assert prompted_objects(shown, known=[3]) == {0: [3, 1], 2: [3]}
    assert prompted_objects(shown, known=[1, 3]) == {0: [3, 1], 2: [1, 3]}
    shown.kinds[3] = 0  # shown by a mask
    assert prompted_objects(shown, known=[3]) == {0: [3], 2: [3]}


def memory_of(ids: torch.Tensor) -> ObjectMemory:
    nothing = torch.zeros(len(ids), 4)
    return ObjectMemory(ids, nothing, nothing, nothing[:, :2], torch.zeros(len(ids), 36, 12), *[ids] * 3)


class BrightThings:
    """A segmenter to whose network every bright pixel is all of the objects that are shown."""

    mask_nms = None
    associator = SimpleNamespace(confidence=0.5)
    data_preprocessor = SimpleNamespace(pad_size_divisor=8, mean=torch.zeros(3, 1, 1), std=torch.ones(3, 1, 1))
    track_head = SimpleNamespace(
        descriptors=TubeDescriptors(SPEC, 64),
        query_initializer=SimpleNamespace(
            similarity=lambda features, memory, size: torch.zeros(len(memory.ids), 1, *size)
        ),
    )

    def __init__(self, confidence: float = 0.9, logit: float = 5.0) -> None:
        self.score, self.logit = confidence, logit
        self.sizes: list[tuple[int, ...]] = []

    def predict_single_view(self, inputs: torch.Tensor, clips: ClipBatch) -> ClipPrediction:
        self.sizes.append(tuple(inputs.shape[-2:]))
        ids = clips.exemplars[0].ids
        masks = torch.where(inputs.mean(1) > 100, self.logit, -5.0)[None].repeat(len(ids), 1, 1, 1)
        if clips.memories[0] is not None:  # objects that are followed come first
            assert inputs.shape[0] == 1 and ids.tolist() == []
            ids, masks = clips.memories[0].ids, self.followed[:, None]
        nothing = torch.zeros(len(ids), 4)
        count = torch.ones(len(ids), dtype=torch.bool)
        memory = memory_of(ids)
        return ClipPrediction(
            probabilities=torch.tensor([[self.score, 1 - self.score]]).repeat(len(ids), 1),
            masks=masks,
            embeddings=nothing,
            descriptors=torch.zeros(0),
            present=count[:, None],
            queries=QuerySet(nothing[None], nothing[None], count, count[:, None], count, objects=ids[None]),
            features=[],
            frames=torch.zeros(1),
            memory=memory,
        )


def two_squares() -> torch.Tensor:
    """A frame with two bright squares of 8 pixels, T = 2; the second frame is dark."""
    frames = torch.full((2, 3, H, W), 20.0)
    frames[0, :, 8:16, 8:16] = 200
    frames[0, :, 8:16, 32:40] = 200
    return frames


def made_masks(
    segmenter: BrightThings, shown: ExemplarBatch, box: bool = False, known: tuple[int, ...] = ()
) -> tuple[ExemplarBatch, dict[int, torch.Tensor]]:
    """The exemplars with masks, and the masks at the size of the frame in its file."""
    clips = ClipBatch(
        frames=2,
        input_shape=(H, W),
        real_shapes=torch.tensor([[H, W]]).float(),
        seeds=[0],
        exemplars=[shown],
        frame_ids=torch.tensor([[0, 1]]),
        memories=[memory_of(torch.tensor(known)) if known else None],
    )
    regions = torch.zeros(len(shown), H, W, dtype=torch.bool)
    if box:
        regions[:, 4:12, 4:44] = True
    frames = [DetDataSample(metainfo=dict(img_shape=(H, W), ori_shape=(2 * H, 2 * W))) for _ in range(2)]
    frames[0].exemplars = InstanceData(instances_ids=shown.ids, regions=regions)
    found = PromptMasks(sides=(24, 48))(segmenter, two_squares(), clips, frames)
    return found, frames[0].get('made_masks', {})


def square(left: int) -> torch.Tensor:
    """A square of 8 pixels from a column on."""
    mask = torch.zeros(H, W, dtype=torch.bool)
    mask[8:16, left : left + 8] = True
    return mask


def test_a_point_becomes_the_mask_around_it() -> None:
    segmenter = BrightThings()
    found, made = made_masks(segmenter, exemplars([7], [(0.25, 0.5)]))
    left = square(8)
    assert torch.equal(found.given[0], left) and found.kinds.tolist() == [0]
    assert torch.equal(made[7], left.repeat_interleave(2, 0).repeat_interleave(2, 1))  # the frame is twice as large
    assert segmenter.sizes == [(24, 48), (48, 96)]
    inside = found.points[0] * torch.tensor([W, H])
    assert ((inside > 8) & (inside < 16)).all()
    described = compute_descriptors(left[None], SPEC, 64, (H, W))
    assert torch.allclose(found.descriptors, described)


def test_a_box_becomes_what_lies_in_it() -> None:
    found, _ = made_masks(BrightThings(), exemplars([7], [(0.5, 0.5)]), box=True)
    expected = torch.zeros(H, W, dtype=torch.bool)
    expected[8:12, 8:16] = expected[8:12, 32:40] = True
    assert torch.equal(found.given[0], expected)


def test_a_negative_point_is_outside_and_an_exemplar_no_more() -> None:
    shown = exemplars([7, background_id(7, 0, 0)], [(0.25, 0.5), (0.21, 0.5)])
    found, made = made_masks(BrightThings(), shown)
    assert found.given[0][12, 12] and not found.given[0][12, 10]
    assert found.ids.tolist() == [7] and found.kinds.tolist() == [0] and set(made) == {7}


@pytest.mark.parametrize('network', [dict(confidence=0.1), dict(logit=1.5)])
def test_an_object_that_is_not_surely_found_stays_a_point(network: dict) -> None:
    shown = exemplars([7], [(0.25, 0.5)])
    found, made = made_masks(BrightThings(**network), shown)
    assert found.given == [None] and torch.equal(found.points, shown.points) and found.kinds.tolist() == [2]
    assert made == {}


def followed(*lefts: int) -> BrightThings:
    """A segmenter that follows the square at each of these columns."""
    segmenter = BrightThings()
    segmenter.followed = torch.stack([torch.where(square(left), 5.0, -5.0) for left in lefts])
    return segmenter


def test_a_positive_point_adds_to_what_is_followed() -> None:
    found, made = made_masks(followed(8), exemplars([7], [(0.75, 0.5)]), known=(7,))
    assert torch.equal(found.given[0], square(8) | square(32)) and set(made) == {7}


def test_a_negative_point_takes_from_what_is_followed() -> None:
    segmenter = followed(8)
    segmenter.followed[0][square(32)] = 5.0
    found, made = made_masks(segmenter, exemplars([background_id(7, 0, 0)], [(0.75, 0.5)]), known=(7,))
    assert found.ids.tolist() == [7] and found.kinds.tolist() == [0] and set(made) == {7}
    assert torch.equal(found.given[0], square(8))
    assert segmenter.sizes == [(H, W)]  # nothing is shown that could be found alone


def test_a_new_object_takes_nothing_from_one_that_is_followed_but_where_it_is_shown() -> None:
    shown = exemplars([7], [(0.25, 0.5)])
    shown.points[0, 0] = torch.tensor([0.75, 0.5])
    beside, _ = made_masks(followed(32), exemplars([7], [(0.25, 0.5)]), known=(5,))
    assert torch.equal(beside.given[0], square(8))
    over, _ = made_masks(followed(32), shown, known=(5,))
    assert torch.equal(over.given[0], square(8) | square(32))


def follow_the_left_half() -> GvSeg:
    """A model after the first clip of a video, whose object 1 was shown by a point and cut out as the left half."""
    torch.manual_seed(0)
    config = dict(builders.evs_model(), prompt_masks=dict(type='PromptMasks', sides=(48, 64)))
    config['track_head']['query_initializer']['matching'] = dict(in_channels=(40, 80, 64))
    model = MODELS.build(ConfigDict(config)).eval()
    model.init_weights()
    model.associator.confidence = -1.0
    model.prompt_masks.cut = SimpleNamespace(
        sure=(-99.0, -99.0),
        new=lambda picture, logits, prompt, known: np.indices(logits.shape)[1] < 48,  # the left half
    )
    sample = clip_sample('a', [0, 1, 2], 6, label=0, exemplars=True, count=1)
    shown = sample.video_data_samples[0].exemplars
    shown.kinds, shown.regions = torch.tensor([2]), torch.zeros(1, *SIZE, dtype=torch.bool)
    with torch.no_grad():
        model.predict(pixels(1), [sample])
    kept = model.state.known_masks.masks[0][1]
    assert kept[:, :6].eq(1).all() and kept[:, 6:].eq(0).all()  # (8, 12): cells of stride 8
    return model


def test_the_segmenter_matches_such_masks_with_later_frames() -> None:
    follow_the_left_half()


def test_a_correction_by_a_negative_point_is_the_result_of_its_frame() -> None:
    model = follow_the_left_half()
    model.prompt_masks.cut = SimpleNamespace(
        sure=(-99.0, -99.0),
        corrected=lambda picture, logits, added, prompt: np.indices(logits.shape)[1] >= 48,  # the right half
    )
    sample = clip_sample('a', [3, 4, 5], 6, label=0, exemplars=True, count=1)
    frame = sample.video_data_samples[0]
    shown = frame.exemplars
    shown.instances_ids = torch.tensor([background_id(1, 3, 0)])
    shown.kinds, shown.regions = torch.tensor([2]), torch.zeros(1, *SIZE, dtype=torch.bool)
    with torch.no_grad():
        (found,) = model.predict(pixels(1), [sample])
    result = found.video_data_samples[0].pred_object_map.sem_seg[0]
    half = result.shape[1] // 2
    assert result[:, half:].eq(1).all() and result[:, :half].ne(1).all()
    kept = model.state.known_masks.masks[3][1]
    assert kept[:, :6].eq(0).all() and kept[:, 6:].eq(1).all()
    assert model.state.objects.ids.tolist() == [1]
