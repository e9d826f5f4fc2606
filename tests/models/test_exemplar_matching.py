"""Masks carried over by matching pixels, on maps small enough to check by hand."""

import math

import pytest
import torch
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from mmengine.config import ConfigDict
from mmengine.structures import InstanceData

from gvseg.models.query_initializers.exemplar_matching import ExemplarMatching
from gvseg.models.query_initializers.memory_readout import FLOOR, MatchedPlaces, grid_places
from gvseg.models.structures import ClipBatch, ExemplarBatch, KnownMasks
from tests.models.builders import evs_model
from tests.models.samples import clip_sample, no_exemplars, pixels

SQUARE = slice(8, 24)
"""Rows and columns of a square in a frame of 32 x 64."""


def matching(scale: float = 8.0, locality: float = 1.0, **kwargs) -> ExemplarMatching:
    """A part whose keys are the two channels of the map at stride 8."""
    part = ExemplarMatching(
        (2, 1, 1), scale=(scale, scale), locality=(locality, locality), **dict(dict(fine_channels=None), **kwargs)
    )
    part.norms[0] = torch.nn.Identity()
    return part


def features(*columns: int) -> list[torch.Tensor]:
    """Maps of a frame of 32 x 64 for each of these columns, where a square of 2 x 2 cells of its own colour is."""
    colours = torch.tensor([0.0, 1.0])[None, :, None, None].repeat(len(columns), 1, 4, 8)
    for frame, column in enumerate(columns):
        colours[frame, :, 1:3, column : column + 2] = torch.tensor([1.0, 0.0])[:, None, None]
    count = len(columns)
    return [torch.zeros(count, 1, 8, 16), colours, torch.zeros(count, 1, 2, 4), torch.zeros(count, 1, 8, 16)]


def clip(frames: list[int], ids: tuple[int, ...] = (), given: list | None = None, **kwargs) -> ClipBatch:
    """A single clip of 32 x 64 pixels whose first frame shows these objects."""
    count = len(ids)
    shown = ExemplarBatch(
        ids=torch.tensor(ids, dtype=torch.long),
        frames=torch.zeros(count, dtype=torch.long),
        points=torch.zeros(count, 1, 2),
        descriptors=torch.zeros(count, 1, 1),
        kinds=torch.full((count,), 0 if given else 2),
        given=given or [None] * count,
    )
    return ClipBatch(
        len(frames),
        (32, 64),
        torch.tensor([[32.0, 64.0]]),
        [0],
        exemplars=[shown],
        frame_ids=torch.tensor([frames]),
        **kwargs,
    )


def square_at(column: int) -> torch.Tensor:
    """The mask (H, W) of the square whose first cell is in this column of cells."""
    mask = torch.zeros(32, 64, dtype=torch.bool)
    mask[SQUARE, 8 * column : 8 * column + 16] = True
    return mask


def test_a_place_is_what_the_place_that_looks_like_it_is():
    part, far = matching(scale=2.0), torch.zeros(2, 2)
    memory = MatchedPlaces(torch.eye(2)[None], far, torch.tensor([[[1.0, 0.0]]]), torch.ones(1, 1, 2))
    found = part._readout(torch.eye(2)[None], far, memory, 0)[0, 0]
    inside, outside = 1.0, math.exp(-2)  # the places' weights: their keys are alike, or at a right angle
    assert found[0].item() == pytest.approx(math.log((inside + FLOOR) / (outside + FLOOR)), abs=1e-5)
    assert found[1].item() == pytest.approx(-found[0].item(), abs=1e-5)


def test_of_two_places_that_look_alike_the_nearer_counts():
    part = matching(locality=4.0)
    keys, places = torch.ones(1, 2, 2), torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    memory = MatchedPlaces(keys, places, torch.tensor([[[1.0, 0.0]]]), torch.ones(1, 1, 2))
    found = part._readout(keys, places, memory, 0)[0, 0]
    assert found[0].item() == pytest.approx(math.log((1 + FLOOR) / (math.exp(-4) + FLOOR)), abs=1e-4)


def test_where_a_mask_is_not_known_nothing_is_said():
    part = matching()
    memory = MatchedPlaces(torch.eye(2)[None], torch.zeros(2, 2), torch.ones(1, 1, 2), torch.zeros(1, 1, 2))
    assert part._readout(torch.eye(2)[None], torch.zeros(2, 2), memory, 0).abs().max() == 0
    with torch.no_grad():
        assert part.eval()(features(1, 2), clip([0, 1]), torch.tensor([[-1, -1]])) is None


@pytest.mark.parametrize('moved', [1, 3, 5])
def test_a_given_mask_is_found_where_the_square_has_moved(moved):
    part = matching().eval()
    with torch.no_grad():
        priors = part(features(1, moved), clip([0, 1], (7,), [square_at(1)]), torch.tensor([[7, -1]]))
    assert priors.shape == (1, 2, 2, 8, 16) and priors[0, 1].abs().max() == 0
    expected = square_at(moved)[2::4, 2::4]
    inside = priors[0, 0, 1] > 0
    # Bilinear interpolation of the cells may round the corners.
    assert (inside & expected).sum() >= 12 and not (inside & ~expected).any()


def test_a_found_mask_is_known_in_the_next_clip():
    part = matching().eval()
    first = clip([0, 1, 2], (7,))
    logits = torch.full((1, 3, 8, 16), -9.0)
    for frame, column in enumerate((1, 2, 3)):
        logits[0, frame][square_at(column)[2::4, 2::4]] = 9.0
    known = part.remember(features(1, 2, 3), first, [7], logits, [True])
    assert known.frames_of(7) == [0] and known.last[7][0] == 2  # where it was shown, and where it was seen last
    assert known.last[7][1][1, 3] > 0.99 and known.last[7][1][1, 1] < 0.01
    with torch.no_grad():
        priors = part(features(3, 4), clip([2, 3], known_masks=known), torch.tensor([[7]]))
    assert (priors[0, 0, 1] > 0)[square_at(4)[2::4, 2::4]].float().mean() > 0.7
    assert first.known_masks is None  # clips are left as they are


def test_an_object_that_is_not_seen_keeps_what_was_known():
    known = KnownMasks()
    known.add(7, 0, torch.ones(4, 8), torch.zeros(2, 4, 8))
    part = matching().eval()
    logits = torch.full((1, 2, 8, 16), 9.0)
    assert part.remember(features(1, 2), clip([1, 2], known_masks=known), [7], logits, [False]).last[7][0] == 0
    assert part.remember(features(1, 2), clip([1, 2], known_masks=known), [7], -logits, [True]).last[7][0] == 0


def test_the_given_mask_and_not_the_prediction_is_remembered_of_its_frame():
    part = matching().eval()
    shown = clip([0], (7,), [square_at(1)])
    known = part.remember(features(1), shown, [7], torch.full((1, 1, 8, 16), 9.0), [True])
    assert known.last[7][1].sum() == 4  # cells of the square, where the prediction says "everywhere"


def test_of_the_places_that_look_alike_only_the_most_similar_count():
    keys = torch.tensor([[[1.0, 0.0], [0.96, 0.28], [0.6, 0.8]]])  # cosines to the first: 1, 0.96 and 0.6
    memory = MatchedPlaces(keys, torch.zeros(3, 2), torch.tensor([[[1.0, 0.0, 0.0]]]), torch.ones(1, 1, 3))
    expected = {1: 0.0, 2: math.exp(-0.04), None: math.exp(-0.04) + math.exp(-0.4)}
    for top_k, outside in expected.items():
        part = matching(scale=1.0, locality=1.0, at_test=dict(top_k=top_k)).eval()
        found = part._readout(keys[:, :1], torch.zeros(1, 2), memory, 0).item()
        assert found == pytest.approx(math.log((1 + FLOOR) / (outside + FLOOR)), abs=1e-4)


def test_recent_frames_are_near_ones_as_many_as_asked_for():
    part = matching(at_test=dict(recent=2)).eval()
    logits = torch.full((1, 3, 8, 16), -9.0)
    for frame, column in enumerate((1, 2, 3)):
        logits[0, frame][square_at(column)[2::4, 2::4]] = 9.0
    known = KnownMasks()
    for first in (0, 2, 4, 6):
        known = part.remember(
            features(1, 2, 3), clip([first, first + 1, first + 2], known_masks=known), [7], logits, [True]
        )
    assert list(known.recent) == [4, 5, 6, 7, 8]  # two and those that the next clip may repeat
    near, _ = part._from_video(part.make_keys(features(3, 4), 2), clip([8, 9], known_masks=known), torch.tensor([[7]]))
    assert near.keys.shape[1] == 3 * 4 * 8 and near.known.min() == 1  # the clip's own frame 8, then 6 and 7
    cell = near.masks[0, 0, 32:].view(2, 4, 8)[:, 1, 1]  # inside where the square is in column 1, not in 2 or 3
    assert (
        cell.max() < 0.01
    )  # frame 6 ended a clip before it began one: the first result of it, which is shown, is kept


def test_an_object_shown_again_is_no_longer_known_in_recent_frames():
    part = matching(at_test=dict(recent=2)).eval()
    logits = torch.full((2, 2, 8, 16), 9.0)
    known = part.remember(features(1, 2), clip([0, 1]), [7, 8], logits, [True, True])
    assert set(known.recent[0].masks) == {7, 8}
    corrected = part.take_exemplars(known, torch.zeros(1, 2, 2, 4, 8), clip([2, 3], (7,), [square_at(1)]))
    assert set(corrected.recent[0].masks) == {8} and set(known.recent[0].masks) == {7, 8}


def test_training_knows_mask_exemplars_and_those_of_the_key_clip():
    part = matching(noise=0.0)
    masks = torch.stack([torch.stack([square_at(1), square_at(2)])])
    target = InstanceData(ids=torch.tensor([7]), labels=torch.tensor([0]), masks=masks)
    both = [clip([0, 1], (7,)).exemplars[0], clip([0, 1], (7,), [None]).exemplars[0]]
    clips = ClipBatch(
        2, (32, 64), torch.ones(2, 2), [0, 1], clips_per_video=2, targets=[target, target], exemplars=both
    )
    keys = part.make_keys(features(1, 2, 1, 2), 2)
    near, back = part._from_truth(keys, clips, torch.tensor([[7, -1], [7, -1]]))
    per_frame = 4 * 8
    # The key clip is shown a point, the reference a mask in its first frame; the reference knows the key clip's frame.
    assert near.known[:, 0].sum(-1).tolist() == [0, per_frame] and near.known[1, 0, :per_frame].all()
    assert back.known[:, 0].sum(-1).tolist() == [0, per_frame]
    assert near.masks[1, 0, :per_frame].view(4, 8)[1:3, 1:3].min() > 0.4  # soft at the border, as predictions are
    assert near.masks[1, 0, per_frame:].sum() == 0


def with_matching() -> ConfigDict:
    model = evs_model()
    model['track_head']['query_initializer']['matching'] = dict(in_channels=(40, 80, 64), fine_channels=20, dim=16)
    return ConfigDict(model)


def test_a_model_trains_with_it():
    torch.manual_seed(0)
    model = MODELS.build(with_matching()).train()
    clips = [clip_sample('video', list(range(first, first + 3)), 99, exemplars=True, label=0) for first in (0, 3)]
    sample = TrackDataSample(video_data_samples=[frame for clip in clips for frame in clip.video_data_samples])
    losses = model.loss(pixels(1, 6), [sample])
    sum(value.sum() for value in losses.values()).backward()
    part = model.track_head.query_initializer.matching
    assert all(value.isfinite().all() for value in losses.values())
    assert part.gains.grad.abs().sum() > 0 and part.key.weight.grad.abs().sum() > 0


def test_a_video_is_followed_and_the_next_one_begins_afresh():
    torch.manual_seed(0)
    model = MODELS.build(with_matching()).eval()
    model.associator.confidence = 0.0
    first = clip_sample('a', [0, 1, 2], 5, exemplars=True, label=0)
    given = [torch.ones(first[0].ori_shape, dtype=torch.bool)] * 2
    first[0].exemplars.given_masks = given
    with torch.no_grad():
        model.predict(pixels(1), [first])
        assert sorted(model.state.known_masks.masks) == [0] and set(model.state.known_masks.masks[0]) == {1, 2}
        model.predict(pixels(1), [no_exemplars(clip_sample('a', [2, 3, 4], 5, label=0))])
        assert set(model.state.known_masks.last) == {1, 2}
        model.predict(pixels(1), [clip_sample('b', [0, 1, 2], 5, exemplars=True, label=0)])
    assert all(frame < 3 for frame, _ in model.state.known_masks.last.values())


def test_without_a_width_nothing_is_learned_or_saved():
    part = matching()
    assert not list(part.parameters()) and not part.state_dict()
    assert {'gains', 'log_scale', 'key.weight', 'sharpen.fine.weight'} <= set(
        ExemplarMatching((2, 1, 1), fine_channels=1, dim=2).state_dict()
    )


def test_sharpening_starts_from_nothing():
    part = ExemplarMatching((2, 1, 1), fine_channels=1, dim=2).eval()
    maps = features(1, 2)
    with torch.no_grad():
        corrections = part.sharpen(torch.rand(2, 2, 8, 16), maps, (1, 1, 2))
    assert corrections.shape == (1, 1, 2, 8, 16) and corrections.abs().max() == 0


def test_places_are_in_heights_of_the_map():
    assert grid_places(2, 3, torch.device('cpu')).tolist()[-1] == [1.25, 0.75]


def test_known_masks_of_a_mirrored_view():
    known = KnownMasks()
    mask = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    known.add(7, 0, mask, torch.arange(12.0).view(2, 2, 3))
    rows, columns = torch.tensor([-0.5, 0.5]), torch.tensor([2 / 3, 0.0, -2 / 3])  # mirrored left to right
    view = known.resampled(torch.stack(torch.meshgrid(columns, rows, indexing='xy'), -1))
    torch.testing.assert_close(view.last[7][1], mask.flip(1))
    torch.testing.assert_close(view.masks[0][7], mask.flip(1))
    torch.testing.assert_close(view.keys[0].T.view(2, 2, 3), torch.arange(12.0).view(2, 2, 3).flip(2))


@pytest.mark.parametrize('view', [dict(flip=True), dict(scale=1.5)])
def test_views_of_test_time_augmentation_know_the_same_masks(view):
    torch.manual_seed(0)
    model = MODELS.build(ConfigDict(with_matching(), type='GvSegTTA', views=[view])).eval()
    model.associator.confidence = 0.0
    sample = clip_sample('a', [0, 1, 2], 5, exemplars=True, label=0)
    sample[0].exemplars.given_masks = [torch.ones(sample[0].ori_shape, dtype=torch.bool)] * 2
    with torch.no_grad():
        model.predict(pixels(1), [sample])
        found = model.predict(pixels(1), [no_exemplars(clip_sample('a', [2, 3, 4], 5, label=0))])
    assert len(found[0]) == 2
