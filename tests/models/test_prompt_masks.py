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
from gvseg.models.segmenters import PromptMasks
from gvseg.models.segmenters.extras.prompt_masks import Prompt, connected, new_objects
from gvseg.models.structures import ClipBatch, ClipPrediction
from tests.models import builders
from tests.models.samples import SIZE, clip_sample, pixels

SPEC = DescriptorSpec(points=None, binning='soft')
NOTHING = np.zeros((0, 2), np.int64)
H, W = 24, 48


def test_the_components_of_the_points_stay() -> None:
    mask = np.array([[1, 1, 0, 1, 0, 1]], bool)
    assert connected(mask, np.array([[0, 0], [0, 5]])).tolist() == [[True, True, False, False, False, True]]
    assert connected(mask, np.array([[0, 2]])).tolist() == mask.tolist()  # a point beside all of them


def test_a_mask_is_cut_by_its_box_and_by_other_things() -> None:
    logits, outside = np.array([[3.0, 3.0, 3.0, 3.0, -3.0]]), np.zeros((1, 5), bool)
    outside[0, 0] = True
    box = np.array([[True, True, True, False, True]])
    part, picture = PromptMasks(iterations=0), np.zeros((1, 5, 3), np.uint8)
    assert part.cut(picture, logits, Prompt(NOTHING, box, outside)).tolist() == [[False, True, True, False, False]]
    assert part.cut(picture, logits, Prompt(np.array([[0, 1]]), None, outside)).sum() == 3


@pytest.mark.parametrize('boxed', [False, True])
def test_a_mask_follows_colours(boxed: bool) -> None:
    rows, columns = np.mgrid[:40, :60]
    square = (rows >= 10) & (rows < 30) & (columns >= 20) & (columns < 44)
    picture = np.where(square[..., None], (200, 40, 30), (20, 90, 180)).astype(np.uint8)
    picture += np.random.default_rng(0).integers(0, 20, picture.shape).astype(np.uint8)
    logits = 3 - np.hypot(rows - 20, columns - 32) * 0.3  # a disc, unsure where it ends
    assert not ((logits > 0) == square).all()
    box = (rows > 5) & (rows < 34) & (columns > 15) & (columns < 50)
    prompt = Prompt(NOTHING if boxed else np.array([[20, 32]]), box if boxed else None, np.zeros((40, 60), bool))
    assert (PromptMasks().cut(picture, logits, prompt) == square).all()


def test_a_mask_that_grabcut_loses_is_kept_as_it_was() -> None:
    part, mask = PromptMasks(), np.zeros((8, 16), bool)
    mask[2:6, 2:10] = True  # 32 pixels
    prompt = Prompt(np.array([[3, 3]]), None, np.zeros((8, 16), bool))
    for left, expected in ((7, 32), (8, 8)):
        part._grab = lambda *_, left=left: mask & (np.cumsum(mask).reshape(mask.shape) <= left)
        assert part.cut(np.zeros((8, 16, 3), np.uint8), np.where(mask, 1.0, -1.0), prompt).sum() == expected


def exemplars(ids: list[int], points: list[tuple[float, float]], frames: list[int] | None = None) -> ExemplarBatch:
    """Exemplars by one point each, fractions of the frame."""
    places = torch.tensor(points)[:, None].repeat(1, 4, 1)
    kinds = torch.full((len(ids),), 2)
    shown = torch.tensor(frames or [0] * len(ids))
    return ExemplarBatch(
        torch.tensor(ids), shown, places, torch.zeros(len(ids), 36, 12), kinds=kinds, given=[None] * len(ids)
    )


def test_objects_that_are_known_or_given_stay_as_they_are() -> None:
    shown = exemplars([1, 2, 3, 1, background_id(1, 0, 0)], [(0.5, 0.5)] * 5, [2, 0, 0, 0, 0])
    shown.given = [None, torch.ones(1, 1), None, None, None]
    assert new_objects(shown, known=[3]) == [3]  # object 1 in frame 0; its exemplar in frame 2 corrects it
    shown.kinds[3] = 0  # shown by a mask
    assert new_objects(shown, known=[3]) == []


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
        nothing = torch.zeros(len(ids), 4)
        count = torch.ones(len(ids), dtype=torch.bool)
        memory = ObjectMemory(ids, nothing, nothing, nothing[:, :2], torch.zeros(len(ids), 36, 12), *[ids] * 3)
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


def made_masks(segmenter: BrightThings, shown: ExemplarBatch, box: bool = False) -> ExemplarBatch:
    clips = ClipBatch(
        frames=2,
        input_shape=(H, W),
        real_shapes=torch.tensor([[H, W]]).float(),
        seeds=[0],
        exemplars=[shown],
        frame_ids=torch.tensor([[0, 1]]),
        memories=[None],
    )
    regions = torch.zeros(len(shown), H, W, dtype=torch.bool)
    if box:
        regions[:, 4:12, 4:44] = True
    frames = [DetDataSample(), DetDataSample()]
    frames[0].exemplars = InstanceData(instances_ids=shown.ids, regions=regions)
    return PromptMasks(sides=(24, 48))(segmenter, two_squares(), clips, frames)


def test_a_point_becomes_the_mask_around_it() -> None:
    segmenter = BrightThings()
    found = made_masks(segmenter, exemplars([7], [(0.25, 0.5)]))
    left = torch.zeros(H, W, dtype=torch.bool)
    left[8:16, 8:16] = True
    assert torch.equal(found.given[0], left) and found.kinds.tolist() == [0]
    assert segmenter.sizes == [(24, 48), (48, 96)]
    inside = found.points[0] * torch.tensor([W, H])
    assert ((inside > 8) & (inside < 16)).all()
    described = compute_descriptors(left[None], SPEC, 64, (H, W))
    assert torch.allclose(found.descriptors, described)


def test_a_box_becomes_what_lies_in_it() -> None:
    found = made_masks(BrightThings(), exemplars([7], [(0.5, 0.5)]), box=True)
    expected = torch.zeros(H, W, dtype=torch.bool)
    expected[8:12, 8:16] = expected[8:12, 32:40] = True
    assert torch.equal(found.given[0], expected)


def test_a_negative_point_is_outside() -> None:
    shown = exemplars([7, background_id(7, 0, 0)], [(0.25, 0.5), (0.21, 0.5)])
    found = made_masks(BrightThings(), shown)
    assert found.given[0][12, 12] and not found.given[0][12, 10]
    assert found.given[1] is None and found.kinds.tolist() == [0, 2]


@pytest.mark.parametrize('network', [dict(confidence=0.1), dict(logit=1.5)])
def test_an_object_that_is_not_surely_found_stays_a_point(network: dict) -> None:
    shown = exemplars([7], [(0.25, 0.5)])
    found = made_masks(BrightThings(**network), shown)
    assert found.given == [None] and torch.equal(found.points, shown.points) and found.kinds.tolist() == [2]


def test_the_segmenter_matches_such_masks_with_later_frames() -> None:
    torch.manual_seed(0)
    config = dict(builders.evs_model(), prompt_masks=dict(type='PromptMasks', sides=(48, 64)))
    config['track_head']['query_initializer']['matching'] = dict(in_channels=(40, 80, 64))
    model = MODELS.build(ConfigDict(config)).eval()
    model.init_weights()
    model.associator.confidence, model.prompt_masks.sure = -1.0, (-99.0, -99.0)
    model.prompt_masks.cut = lambda picture, logits, prompt: np.indices(logits.shape)[1] < 48  # the left half
    sample = clip_sample('a', [0, 1, 2], 6, label=0, exemplars=True, count=1)
    shown = sample.video_data_samples[0].exemplars
    shown.kinds, shown.regions = torch.tensor([2]), torch.zeros(1, *SIZE, dtype=torch.bool)
    with torch.no_grad():
        model.predict(pixels(1), [sample])
    kept = model.state.known_masks.masks[0][1]
    assert kept[:, :6].eq(1).all() and kept[:, 6:].eq(0).all()  # (8, 12): cells of stride 8
