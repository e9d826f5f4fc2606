"""The encoder-only network: which tokens see which, sizes of frames, predictions between blocks, masked attention."""

from dataclasses import replace

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

from gvseg.models.heads.token_layout import TokenLayout
from gvseg.models.layers import PlainViT, TokenBlock
from gvseg.utils.errors import ConfigError
from tests.models.builders import vit_model
from tests.models.samples import SIZE, clip_sample, pixels

D = 16


def tokens(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def block(**settings) -> TokenBlock:
    torch.manual_seed(0)
    made = TokenBlock(D, 2, **settings)
    for parameter in made.parameters():  # biases and scales are more than their initial values
        torch.nn.init.normal_(parameter, std=0.3)
    return made


def model(**head) -> torch.nn.Module:
    torch.manual_seed(0)
    return MODELS.build(ConfigDict(vit_model(**head)))


def decoded(network: torch.nn.Module, frames: int = 2, every_mask: bool = False):
    inputs = pixels(1, frames)[0]
    clips = network.track_head.clip_batch(inputs, [clip_sample('a', list(range(frames)), 9)], with_targets=False)
    with torch.no_grad():
        return network.track_head.decode(network.backbone(inputs), clips, every_mask), clips


@pytest.mark.parametrize('swiglu', [False, True])
def test_one_frame_is_attention_over_all_tokens(swiglu: bool) -> None:
    layer, given = block(swiglu=swiglu), tokens(1, 2, 3 + 5, D)
    everything = torch.ones(2, 3, 8, dtype=torch.bool)
    torch.testing.assert_close(layer(given, 3, 1, everything), layer(given))


def test_frames_meet_in_the_queries_alone() -> None:
    layer, given = block(), tokens(1, 1, 3 + 2 * 5, D)
    other = given.clone()
    other[:, 8:] += torch.arange(D)  # the second frame; a constant is lost in the norm
    before, after = layer(given, 3, 2), layer(other, 3, 2)
    assert torch.equal(before[:, 3:8], after[:, 3:8]), 'the first frame does not see the second'
    assert not torch.allclose(before[:, :3], after[:, :3]), 'queries see both'
    torch.testing.assert_close(before[:, :8][:, 3:], layer(given[:, :8])[:, 3:])


def test_a_query_does_not_attend_to_what_is_hidden() -> None:
    layout = TokenLayout(queries=2, frames=2, extra=1, size=(1, 3))
    hidden = torch.tensor([[[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]]], dtype=torch.bool)
    # two queries, then of each frame an extra token and three patches
    wanted = [[1, 1, 1, 0, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1, 0]]
    assert layout.seen(hidden).int().tolist() == [wanted]


def test_a_layout_takes_apart_what_it_joined() -> None:
    layout = TokenLayout(queries=2, frames=2, extra=1, size=(2, 3))
    queries, patches, extra = tokens(0, 1, 2, D), tokens(1, 2, D, 2, 3), tokens(2, 2, 1, D)
    joined = layout.join(queries, patches, extra)
    assert joined.shape == (1, 2 + 2 * 7, D)
    for found, given in zip(layout.split(joined), (queries, patches)):
        assert torch.equal(found, given)
    assert torch.equal(layout.split(layout.added(joined, queries))[0], 2 * queries)


def test_frames_that_are_no_whole_number_of_patches_are_resized_with_a_warning() -> None:
    encoder = PlainViT(dict(depth=1, dim=D, num_heads=2), patch_size=14, grid=(3, 4))
    with pytest.warns(UserWarning, match='43 x 50 pixels are resized to 42 x 56'):
        patches, extra = encoder(tokens(0, 1, 3, 43, 50))
    assert patches.shape == (1, D, 3, 4) and extra.shape == (1, 5, D)


def test_position_embeddings_of_another_size_are_interpolated() -> None:
    encoder = PlainViT(dict(depth=0, dim=D, num_heads=2), patch_size=4, grid=(2, 2))
    with torch.no_grad():
        encoder.pos_embed.copy_(torch.tensor([0.0, 1.0, 0.0, 1.0])[None, :, None].expand(1, 4, D))
        encoder.patch_embed.weight.zero_()
        encoder.patch_embed.bias.zero_()
        rows = encoder(torch.zeros(1, 3, 8, 24))[0][0, 0]
    assert torch.equal(rows[0], rows[1]) and (rows[0].diff() > 0).all(), 'from 0 at the left to 1 at the right'


def test_predictions_between_the_blocks_only_where_they_are_needed() -> None:
    network = model().eval()
    last, clips = decoded(network)
    every, _ = decoded(network, every_mask=True)
    assert (len(last.classes), len(every.classes), len(every.masks)) == (1, 3, 3)
    torch.testing.assert_close(last.masks[-1], every.masks[-1])
    assert last.masks[-1].shape == (1, 20, 2, SIZE[0] // 4, SIZE[1] // 4)
    assert network.track_head.predict_clip(network.backbone(pixels(1, 2)[0]), clips).embeddings.shape == (20, 128)


def test_cues_go_to_the_queries_between_the_blocks() -> None:
    plain, cued = model().eval(), model().eval()
    cued.track_head.cue_injection = MODELS.build(dict(type='PredictedCues', confidence=0.0))
    assert not torch.allclose(decoded(plain)[0].embeddings, decoded(cued)[0].embeddings)


def test_masked_attention_fades_with_its_probability_and_a_clips_seed_draws_it() -> None:
    head = model(masked_attention='always').track_head
    clips = decoded(model())[1]
    hidden = torch.ones(1, 20, 6, dtype=torch.bool)

    def masked_queries(probability: float, seed: int = 3) -> torch.Tensor:
        head.set_mask_probabilities([1.0, probability])
        return head._annealed(hidden, 1, replace(clips, seeds=[seed])).any(-1)[0]

    assert masked_queries(1.0).all() and not masked_queries(0.0).any()
    assert 0 < int(masked_queries(0.5).sum()) < 20
    assert torch.equal(masked_queries(0.5), masked_queries(0.5))
    assert not torch.equal(masked_queries(0.5), masked_queries(0.5, seed=4))


def test_masks_steer_attention_in_training_and_at_test_only_if_always() -> None:
    free, always = model(masked_attention='never').eval(), model(masked_attention='always').eval()
    usual = model().eval()
    assert torch.equal(decoded(usual)[0].embeddings, decoded(free)[0].embeddings)
    assert not torch.allclose(decoded(usual)[0].embeddings, decoded(always)[0].embeddings)
    assert torch.equal(decoded(usual.train())[0].embeddings, decoded(always.train())[0].embeddings)


def test_an_unknown_kind_of_masked_attention_is_refused() -> None:
    with pytest.raises(ConfigError, match="'training', 'always' or 'never', not 'sometimes'"):
        model(masked_attention='sometimes')
