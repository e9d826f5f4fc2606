"""On a GPU the models say what they say on a CPU; skipped where there is none."""

import copy

import pytest
import torch
from mmcv.ops.multi_scale_deform_attn import multi_scale_deformable_attn_pytorch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

from gvseg.models.layers.deformable_sampling import implementation, sample_levels
from tests.models.builders import evs_model, vis_model, vps_model, vss_model
from tests.models.samples import clip_sample, pixels

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
MODELS_OF_TASKS = [vis_model, vss_model, vps_model, evs_model]


@pytest.fixture(autouse=True)
def full_precision(monkeypatch):
    monkeypatch.setattr(torch.backends.cuda.matmul, 'allow_tf32', False)
    monkeypatch.setattr(torch.backends.cudnn, 'allow_tf32', False)


@pytest.mark.parametrize('model', MODELS_OF_TASKS)
def test_predictions_equal_those_of_the_cpu(model):
    torch.manual_seed(0)
    on_cpu = MODELS.build(ConfigDict(model())).eval()
    found = []
    for network, device in ((on_cpu, 'cpu'), (copy.deepcopy(on_cpu).cuda(), 'cuda')):
        inputs, sample = pixels(1).to(device), clip_sample('video', [0, 1, 2], 3, exemplars=True)
        with torch.no_grad():
            clips = network.track_head.clip_batch(inputs[0], sample, with_targets=False)
            found.append(network.predict_single_view(inputs[0], clips))
    for name in ('probabilities', 'masks', 'embeddings'):
        torch.testing.assert_close(getattr(found[1], name).cpu(), getattr(found[0], name), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize('dtype', [None, torch.float16, torch.bfloat16])
@pytest.mark.parametrize('model', MODELS_OF_TASKS)
def test_a_step_of_training_has_finite_losses_and_gradients(model, dtype):
    torch.manual_seed(0)
    network = MODELS.build(ConfigDict(model())).cuda().train()
    label = dict(label=0) if network.track_head.num_classes == 1 else {}
    sample = clip_sample('video', list(range(6)), 99, exemplars=True, **label)
    with torch.autocast('cuda', dtype, enabled=dtype is not None):
        losses = network.loss(pixels(1, 6).cuda(), [sample])
    assert all(value.isfinite().all() for value in losses.values())
    sum(value.sum() for value in losses.values()).backward()
    gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
    assert gradients and all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float32, 1e-4), (torch.float16, 2e-2), (torch.bfloat16, 5e-2)])
def test_the_kernel_at_hand_samples_as_plain_torch(dtype, tolerance):
    generator, sizes = torch.Generator().manual_seed(0), ((4, 6), (8, 12), (16, 24))
    tokens = sum(height * width for height, width in sizes)
    value = torch.randn(2, tokens, 8, 32, generator=generator).to(dtype).cuda().requires_grad_()
    centres = torch.rand(tokens, 2, generator=generator).cuda()
    offsets = (3 * torch.randn(2, tokens, 8, 3, 4, 2, generator=generator)).cuda().requires_grad_()
    weights = torch.rand(2, tokens, 8, 12, generator=generator).softmax(-1).view(2, tokens, 8, 3, 4).cuda()
    found = sample_levels(value, sizes, centres, offsets, weights)
    assert found.dtype == dtype, implementation(value)
    gradients = torch.autograd.grad(found.float().square().sum(), (value, offsets))
    extents = torch.tensor([[width, height] for height, width in sizes], device='cuda')
    places = centres[:, None, None, None] + offsets / extents[:, None]
    expected = multi_scale_deformable_attn_pytorch(value.float(), torch.tensor(sizes), places, weights)
    torch.testing.assert_close(found.float(), expected, rtol=tolerance, atol=tolerance)
    for own, theirs in zip(gradients, torch.autograd.grad(expected.square().sum(), (value, offsets))):
        error = (own.float() - theirs.float()).norm() / theirs.float().norm()
        assert error < 10 * tolerance, implementation(value)
