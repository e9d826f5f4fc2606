"""Layers against what they stand for: mmcv's attention, mmdet's decoder layer, A H of the paper."""
import pytest
import torch
from mmcv.ops import MultiScaleDeformableAttention

from gvseg.core.query_set import QuerySet
from gvseg.core.shape_position import to_query_dim
from gvseg.models.layers import (CueTransformerDecoder, GroundTruthCues, LayerState, MobileNetV2Features,
                                 PortableDeformableAttention, PredictedCues)
from gvseg.models.layers.dense_pixel_decoder import DenseAttention

D = 16


def test_portable_deformable_attention_equals_mmcvs():
    torch.manual_seed(0)
    theirs = MultiScaleDeformableAttention(embed_dims=D, num_heads=2, num_levels=2, num_points=3, dropout=0.0,
                                           batch_first=True)
    torch.nn.init.normal_(theirs.sampling_offsets.weight)
    ours = PortableDeformableAttention(embed_dims=D, num_heads=2, num_levels=2, num_points=3, dropout=0.0,
                                       batch_first=True)
    ours.load_state_dict(theirs.state_dict())
    shapes = torch.tensor([[4, 6], [2, 3]])
    tokens = torch.randn(2, 30, D)
    inputs = dict(query=tokens, query_pos=torch.randn(2, 30, D), reference_points=torch.rand(2, 30, 2, 2),
                  spatial_shapes=shapes, level_start_index=torch.tensor([0, 24]))
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


def test_cues_stand_between_the_two_attentions():
    torch.manual_seed(0)
    attention = dict(embed_dims=D, num_heads=2, dropout=0.0, batch_first=True)
    feed_forward = dict(embed_dims=D, feedforward_channels=D, num_fcs=2, ffn_drop=0.0)
    layer = CueTransformerDecoder(num_layers=1, layer_cfg=dict(
        self_attn_cfg=attention, cross_attn_cfg=dict(attention), ffn_cfg=feed_forward)).layers[0].eval()
    inputs = dict(query=torch.randn(1, 3, D), key=torch.randn(1, 7, D), value=torch.randn(1, 7, D),
                  query_pos=torch.randn(1, 3, D), key_pos=torch.randn(1, 7, D), cross_attn_mask=None)
    without = layer(**inputs)
    torch.testing.assert_close(layer(**inputs, cues=torch.zeros(1, 3, D)), without)
    cues = torch.zeros(1, 3, D)
    cues[0, 0] = torch.randn(D)
    changed = (layer(**inputs, cues=cues) - without).abs().sum(-1)[0]
    assert (changed > 0).all()  # query 0 has taken the cue before self-attention, so the others hear of it


def state(index: int = 1, known: torch.Tensor | None = None, **fields) -> LayerState:
    """Three queries of one clip: 0 and 1 confident, 2 not; query 1 takes no cues."""
    classes = torch.tensor([[[4.0, -4.0], [4.0, -4.0], [-4.0, 4.0]]])
    queries = QuerySet(torch.zeros(1, 3, D), torch.zeros(1, 3, D), torch.tensor([True, False, True]),
                       torch.ones(3, 1, dtype=torch.bool), descriptors=known)
    masks = torch.full((1, 3, 2, 4, 4), 1.0)
    return LayerState(index, classes, masks, queries, fields.get('truth'), fields.get('assignments'),
                      lambda clip, tubes: torch.full((*tubes.shape[:2], 4, 3), 0.5))


def test_only_confident_queries_that_take_cues_are_described():
    cues = PredictedCues(confidence=0.5)(state())
    torch.testing.assert_close(cues[0], torch.stack((torch.full((D, ), 0.5), torch.zeros(D), torch.zeros(D))))


def test_the_truth_goes_to_the_queries_it_was_assigned_to():
    truth = torch.rand(2, 4, 3)
    assignments = [(torch.tensor([0, 2]), torch.tensor([1, 0]))]
    cues = GroundTruthCues()(state(truth=[truth], assignments=assignments))[0]
    expected = torch.stack((to_query_dim(truth[1], D), torch.zeros(D), to_query_dim(truth[0], D)))
    torch.testing.assert_close(cues, expected)


def test_without_truth_the_papers_cues_are_predicted_ones():
    torch.testing.assert_close(GroundTruthCues()(state()), PredictedCues()(state()))


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
