"""A batch in pieces: the same steps for a toy, the same gradient for the model. ``tests/test_training.py`` has both."""

from pathlib import Path

import pytest
import torch
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from mmengine.config import Config, ConfigDict

import gvseg.models  # noqa: F401
from gvseg.utils.accumulation import accumulate, count_processes
from gvseg.utils.errors import ConfigError
from tests.models.builders import evs_model
from tests.models.samples import SIZE, clip_sample, no_exemplars, pixels
from tests.shrinking import shrink
from tests.toy.running import CONFIG, ROOT, run_tool

VIPSEG = ROOT / 'configs/vps/gvseg-vps_r50_8xb2-10k_vipseg.py'
TINY = ROOT / 'configs/vis/gvseg-vis_tiny_1xb2-4k_moving-shapes.py'


@pytest.mark.parametrize(('processes', 'videos', 'count'), [(8, 2, 1), (4, 2, 2), (1, 2, 8), (1, 1, 16), (2, 8, 1)])
def test_a_batch_of_16_on_any_number_of_gpus(processes, videos, count):
    config = Config.fromfile(VIPSEG)
    config.train_dataloader.batch_size = videos
    assert accumulate(config, processes) == count
    assert config.optim_wrapper.get('accumulative_counts', 1) * videos * processes == 16
    assert config.train_cfg.max_iters == config.train_cfg.val_interval == 10000 * count
    # Schedules count steps.
    assert config.param_scheduler.end == 10000 and config.param_scheduler.milestones == [7000]
    assert (config.default_hooks.param_scheduler.type == 'StepSchedulerHook') == (count > 1)
    assert config.default_hooks.checkpoint.interval == 1000 * count


def test_workers_load_a_step_ahead():
    config = Config.fromfile(VIPSEG)
    config.train_dataloader.num_workers = 2
    accumulate(config, 1)
    assert config.train_dataloader.prefetch_factor == 4  # 8 batches of 2 workers


def test_what_cannot_be_accumulated_is_refused():
    config = Config.fromfile(VIPSEG)
    with pytest.raises(ConfigError, match='a batch of 16, which is no multiple of 2 videos on each of 3 GPUs'):
        accumulate(config, 3)
    accumulate(config, 4)
    with pytest.raises(ConfigError, match='accumulative_counts already'):
        accumulate(config, 4)
    config.auto_scale_lr = {}
    with pytest.raises(ConfigError, match='needs auto_scale_lr.base_batch_size'):
        accumulate(config, 4)


def test_processes_are_counted_before_they_meet(monkeypatch):
    monkeypatch.setenv('SLURM_NTASKS', '4')
    assert count_processes('slurm') == 4 and count_processes('none') == 1


def test_halves_of_the_batch_train_the_toy_to_the_same_weights(tmp_path: Path):
    """Its loss is a mean over the batch, so nothing but rounding may differ."""
    run_tool('train.py', CONFIG, '--work-dir', str(tmp_path / 'whole'))
    run_tool(
        'train.py',
        CONFIG,
        '--work-dir',
        str(tmp_path / 'halves'),
        '--accumulate',
        '--cfg-options',
        'train_dataloader.batch_size=2',
    )
    whole, halves = (
        torch.load(tmp_path / name, weights_only=False)['state_dict']
        for name in ('whole/iter_6.pth', 'halves/iter_12.pth')
    )
    for name, value in whole.items():
        assert torch.allclose(value, halves[name], atol=1e-6), name


def gradient(model: torch.nn.Module, counts: list[list[int]], announced: bool = True) -> torch.Tensor:
    """Mean gradient of batches; each lists how many objects its videos show."""
    batches = []
    for number, batch in enumerate(counts):
        first = sum(map(len, counts[:number]))
        samples, images = [], []
        for place, objects in enumerate(batch, first):
            parts = [clip_sample(f'v{place}', [3 * clip + i for i in range(3)], 99, count=objects) for clip in (0, 1)]
            samples.append(TrackDataSample(video_data_samples=[f for part in parts for f in part.video_data_samples]))
            images.append(pixels(2, 3, seed=place).view(6, 3, *SIZE))
        batches.append((torch.stack(images), samples))
    return backward(model, batches, announced)


def backward(model: torch.nn.Module, batches: list[tuple], announced: bool) -> torch.Tensor:
    """Mean gradient of (images, samples), announced or not."""
    model.zero_grad()
    model.track_head.criterion.expected = None
    if announced:
        model.track_head.prepare_accumulation([samples for _, samples in batches])
    for images, samples in batches:
        (sum(model.loss(images, samples).values()) / len(batches)).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


@pytest.mark.usefixtures('mmdet_scope')
def test_gradients_of_two_halves_and_of_one_batch():
    """The mean of ratios is not the ratio of means: halves have to know what the whole batch shows."""
    torch.manual_seed(0)
    config = shrink(Config.fromfile(TINY))
    config.model.track_head.auxiliary = None
    model = MODELS.build(config.model).train()

    def compare(left: int, right: int, announced: bool) -> float:
        whole = gradient(model, [[left, right]], announced=False)
        return float((whole - gradient(model, [[left], [right]], announced)).norm() / whole.norm())

    assert compare(2, 2, announced=False) < 1e-4
    assert compare(1, 3, announced=False) > 1e-3
    for counts in ((2, 2), (1, 3), (0, 3)):
        assert compare(*counts, announced=True) < 1e-4


@pytest.mark.usefixtures('mmdet_scope')
def test_objects_that_are_not_shown_do_not_count():
    """An exemplar's query is for its object alone; the others of the clip stay without one."""
    torch.manual_seed(0)
    model = MODELS.build(ConfigDict(evs_model())).train()
    shown = clip_sample('a', [0, 1, 2], 9, label=0, exemplars=True)
    hidden = no_exemplars(clip_sample('b', [0, 1, 2], 9, label=0, count=3))
    images = [pixels(1, 3, seed=seed).view(1, 3, 3, *SIZE) for seed in (0, 1)]
    whole = backward(model, [(torch.cat(images), [shown, hidden])], announced=False)
    halves = backward(model, [(images[0], [shown]), (images[1], [hidden])], announced=True)
    assert float((whole - halves).norm() / whole.norm()) < 1e-4
