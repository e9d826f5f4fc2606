"""Layers against what they stand for: mmcv's attention, mmdet's decoder layer, A H of the paper."""

from pathlib import Path

import pytest
import torch
from mmcv.ops import MultiScaleDeformableAttention
from mmdet.registry import MODELS
from mmengine.config import Config

from gvseg.core.query_set import QuerySet
from gvseg.models.layers import (
    CueTransformerDecoder,
    GroundTruthCues,
    LayerState,
    LocalizedMaskEmbed,
    MobileNetV2Features,
    PortableDeformableAttention,
    PredictedCues,
)
from gvseg.models.layers.dense_pixel_decoder import DenseAttention
from gvseg.utils.errors import ConfigError

D = 16
ROOT = Path(__file__).resolve().parents[2]


def test_portable_deformable_attention_equals_mmcvs():
    torch.manual_seed(0)
    theirs = MultiScaleDeformableAttention(
        embed_dims=D, num_heads=2, num_levels=2, num_points=3, dropout=0.0, batch_first=True
    )
    torch.nn.init.normal_(theirs.sampling_offsets.weight)
    ours = PortableDeformableAttention(
        embed_dims=D, num_heads=2, num_levels=2, num_points=3, dropout=0.0, batch_first=True
    )
    ours.load_state_dict(theirs.state_dict())
    shapes = torch.tensor([[4, 6], [2, 3]])
    tokens = torch.randn(2, 30, D)
    inputs = dict(
        query=tokens,
        query_pos=torch.randn(2, 30, D),
        reference_points=torch.rand(2, 30, 2, 2),
        spatial_shapes=shapes,
        level_start_index=torch.tensor([0, 24]),
    )
    assert torch.equal(ours(**inputs), theirs(**inputs))
    with torch.no_grad():  # other arithmetic
        torch.testing.assert_close(ours(**inputs), theirs(**inputs))


def test_dense_attention_sees_all_tokens_and_keeps_the_residual():
    torch.manual_seed(0)
    attention = DenseAttention(D, num_heads=2)
    tokens = torch.randn(1, 5, D, requires_grad=True)
    attention(query=tokens, query_pos=torch.zeros(1, 5, D))[0, 0].sum().backward()
    assert (tokens.grad[0].abs().sum(-1) > 0).all()
    torch.nn.init.zeros_(attention.output_proj.weight)
    torch.nn.init.zeros_(attention.output_proj.bias)
    assert torch.equal(attention(query=tokens), tokens)


def test_coarse_keys_hide_the_finest_level():
    torch.manual_seed(0)
    attention = DenseAttention(D, num_heads=2, coarse_keys=True)
    tokens = torch.randn(1, 5, D, requires_grad=True)  # a coarse level of two tokens, a fine one of three
    attention(query=tokens, level_start_index=torch.tensor([0, 2]))[0, 4].sum().backward()
    reached = tokens.grad[0].abs().sum(-1) > 0
    assert reached.tolist() == [True, True, False, False, True]  # itself as a query only
    single = attention(query=tokens, level_start_index=torch.tensor([0]))
    torch.testing.assert_close(single, DenseAttention.forward(_without_coarse_keys(attention), tokens))


def _without_coarse_keys(attention: DenseAttention) -> DenseAttention:
    copy = DenseAttention(D, num_heads=2)
    copy.load_state_dict(attention.state_dict())
    return copy


def test_placed_mask_features_tell_equal_things_apart(tiny_decoder_config):
    """A frame of one colour: without their place, its inner features are all the same."""
    torch.manual_seed(0)
    flat = [
        torch.ones(1, channels, 96 // stride, 160 // stride)
        for channels, stride in zip((20, 40, 80, 160), (4, 8, 16, 32))
    ]
    placed = MODELS.build(tiny_decoder_config).eval()
    features, levels = placed(flat)
    assert features.shape == (1, 64, 24, 40) and [level.shape[-1] for level in levels] == [5, 10, 20]
    with torch.no_grad():
        difference = placed.place(placed.postional_encoding(features.new_zeros(1, 24, 40)))
    assert (difference[0, :, 12, 10] - difference[0, :, 12, 14]).abs().max() > 1e-2
    placed.place = None
    torch.testing.assert_close(placed(flat)[0], features - difference)


def test_localized_masks_add_a_hill_around_the_named_centre():
    embed = LocalizedMaskEmbed(torch.nn.Linear(D, D), D, sharpness=3.0)
    for layer in (embed.looks, embed.place[-1]):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    # Two queries around (x, y) = (0.5, 0.5) of a frame of height 1, with radius 1 / 4.
    embed.place[-1].bias.data[2] = -torch.tensor(4.0).log()
    features = embed.extend(torch.randn(1, 2, D, 4, 8))
    assert features.shape == (1, 2, D + 4, 4, 8)
    hill = torch.einsum('bnc,btchw->bnthw', embed(torch.randn(1, 2, D)), features)
    assert torch.equal(hill[0, 0, 0], hill[0, 1, 1])
    # Pixel (row 1, column 1) is 1/8 from the centre on both axes, pixel (1, 5) is 7/8 from it on one.
    assert hill[0, 0, 0, 1, 1].item() == pytest.approx(3 * (1 - 2 * (1 / 8) ** 2 * 16))
    assert hill[0, 0, 0, 1, 5].item() == pytest.approx(3 * (1 - ((1 / 8) ** 2 + (7 / 8) ** 2) * 16), rel=1e-5)


@pytest.fixture
def tiny_decoder_config():
    """The pixel decoder of the tiny models as the head builds it."""
    model = Config.fromfile(ROOT / 'configs/_base_/models/gvseg_tiny.py').model.track_head
    return dict(
        model.pixel_decoder,
        in_channels=model.in_channels,
        strides=model.strides,
        feat_channels=model.feat_channels,
        out_channels=model.out_channels,
    )


def test_cues_stand_between_the_two_attentions():
    torch.manual_seed(0)
    attention = dict(embed_dims=D, num_heads=2, dropout=0.0, batch_first=True)
    feed_forward = dict(embed_dims=D, feedforward_channels=D, num_fcs=2, ffn_drop=0.0)
    layer = (
        CueTransformerDecoder(
            num_layers=1, layer_cfg=dict(self_attn_cfg=attention, cross_attn_cfg=dict(attention), ffn_cfg=feed_forward)
        )
        .layers[0]
        .eval()
    )
    inputs = dict(
        query=torch.randn(1, 3, D),
        key=torch.randn(1, 7, D),
        value=torch.randn(1, 7, D),
        query_pos=torch.randn(1, 3, D),
        key_pos=torch.randn(1, 7, D),
        cross_attn_mask=None,
    )
    without = layer(**inputs)
    torch.testing.assert_close(layer(**inputs, cues=torch.zeros(1, 3, D)), without)
    cues = torch.zeros(1, 3, D)
    cues[0, 0] = torch.randn(D)
    changed = (layer(**inputs, cues=cues) - without).abs().sum(-1)[0]
    assert (changed > 0).all()  # query 0 has taken the cue before self-attention, so the others hear of it


def state(index: int = 1, known: torch.Tensor | None = None, **fields) -> LayerState:
    """Three queries of one clip: 0 and 1 confident, 2 not; query 1 takes no cues."""
    classes = torch.tensor([[[4.0, -4.0], [4.0, -4.0], [-4.0, 4.0]]])
    queries = QuerySet(
        torch.zeros(1, 3, D),
        torch.zeros(1, 3, D),
        torch.tensor([True, False, True]),
        torch.ones(3, 1, dtype=torch.bool),
        torch.ones(3, dtype=torch.bool),
        descriptors=known,
    )
    masks = torch.full((1, 3, 2, 4, 4), 1.0)
    return LayerState(
        index,
        classes,
        lambda clip, chosen: masks[clip][chosen],
        queries,
        fields.get('truth'),
        fields.get('assignments'),
        lambda clip, tubes: torch.full((len(tubes), D), 0.5),
    )


def test_only_confident_queries_that_take_cues_are_described():
    cues = PredictedCues(confidence=0.5)(state())
    torch.testing.assert_close(cues[0], torch.stack((torch.full((D,), 0.5), torch.zeros(D), torch.zeros(D))))


def test_the_truth_goes_to_the_queries_it_was_assigned_to():
    truth = torch.rand(2, D)
    assignments = [(torch.tensor([0, 2]), torch.tensor([1, 0]))]
    cues = GroundTruthCues()(state(truth=[truth], assignments=assignments))[0]
    expected = torch.stack((truth[1], torch.zeros(D), truth[0]))
    torch.testing.assert_close(cues, expected)


def test_without_truth_the_papers_cues_are_predicted_ones():
    torch.testing.assert_close(GroundTruthCues()(state()), PredictedCues()(state()))


@pytest.mark.parametrize(
    ('settings', 'expected'),
    [
        (dict(), 0.5),  # H is 0.5 in each of D = 16 places: 2 long
        (dict(unit_cues=True), 0.25),
        (dict(normalize='unit'), 2.0),  # times sqrt(16)
        (dict(normalize='unit', unit_cues=True), 1.0),  # as long as a query from layer norm
        (dict(normalize='unit', unit_cues=True, gain=0.5), 0.5),
    ],
)
def test_cues_at_the_scale_of_the_query(settings: dict, expected: float):
    predicted, truth = torch.zeros(1, 3, D), torch.full((1, D), 0.5)
    predicted[0, 0] = expected
    torch.testing.assert_close(PredictedCues(**settings)(state()), predicted)
    assigned = state(truth=[truth], assignments=[(torch.tensor([0]), torch.tensor([0]))])
    torch.testing.assert_close(GroundTruthCues(**settings)(assigned), predicted)


def test_only_a_gain_is_a_parameter_and_it_is_learned():
    assert not PredictedCues(normalize='unit').state_dict()
    part = PredictedCues(gain=2.0)
    part(state()).sum().backward()
    assert list(part.state_dict()) == ['gain'] and part.gain.grad.item() == 0.5 * D


def test_an_unknown_scale_of_cues_is_refused():
    with pytest.raises(ConfigError, match="normalize of GroundTruthCues is 'raw' or 'unit', not 'loud'"):
        GroundTruthCues(normalize='loud')


def test_an_exemplars_descriptor_is_used_before_anything_is_predicted():
    known = torch.zeros(1, 3, 4, 3)
    known[0, 2] = 2.0
    first, later = PredictedCues()(state(0, known)), PredictedCues()(state(1, known))
    assert first[0, 2].tolist() == [2.0] * D and not later[0, 2].any()


def test_mobilenet_has_no_classifier_layer():
    backbone = MobileNetV2Features(out_indices=(1, 2, 4, 6))
    backbone.eval()  # mmdet's train() returns nothing
    assert not any(name.startswith('conv2') for name in backbone.state_dict())
    outputs = backbone(torch.zeros(1, 3, 64, 96))
    assert [tuple(out.shape[1:]) for out in outputs] == [(24, 16, 24), (32, 8, 12), (96, 4, 6), (320, 2, 3)]
    with pytest.raises(ValueError, match='out_indices'):
        MobileNetV2Features(out_indices=(1, 7))
