"""Batches are announced per accumulation group; schedules and queues are updated once per step."""

from types import SimpleNamespace

import pytest
import torch

from gvseg.core.protocols import AccumulationAware, MatchedQueryMemory, MatchedQuerySource
from gvseg.engine import AccumulationHook, StepSchedulerHook
from gvseg.engine.hooks.accumulation_hook import LookAhead


class Batches:
    """0, 1, 2, ... as mmengine's endless iterator."""

    def __init__(self) -> None:
        self.at = -1

    def __next__(self) -> int:
        self.at += 1
        return self.at

    def skip_iter(self, count: int) -> None:
        self.at += count


def test_groups_are_announced_before_their_first_batch_leaves():
    heard = []
    batches = LookAhead(Batches(), 3, 0, heard.append)
    assert [next(batches) for _ in range(4)] == [0, 1, 2, 3]
    assert heard == [[0, 1, 2], [3, 4, 5]]


def test_a_run_resumed_within_a_step_finishes_that_step_first():
    heard = []
    batches = LookAhead(Batches(), 3, 4 % 3, heard.append)
    batches.skip_iter(4)
    assert [next(batches) for _ in range(3)] == [4, 5, 6]
    assert heard == [[4, 5], [6, 7, 8]]


class Listener(torch.nn.Module, AccumulationAware):
    """Stand-in for a head that records its groups."""

    def prepare_accumulation(self, samples: list) -> None:
        self.heard = samples


def runner(model: torch.nn.Module, due: bool = True) -> SimpleNamespace:
    scheduler = SimpleNamespace(by_epoch=False, steps=0)
    scheduler.step = lambda: setattr(scheduler, 'steps', scheduler.steps + 1)
    batches = iter([dict(inputs=i, data_samples=[f'sample {i}']) for i in range(4)])
    return SimpleNamespace(
        model=model,
        iter=0,
        train_loop=SimpleNamespace(dataloader_iterator=batches),
        param_schedulers=[scheduler],
        optim_wrapper=SimpleNamespace(should_update=lambda: due),
    )


def test_samples_reach_the_module_that_expects_them():
    model = torch.nn.Sequential(Listener(), torch.nn.Linear(1, 1))
    run = runner(model)
    AccumulationHook(iterations=2).before_train(run)
    assert next(run.train_loop.dataloader_iterator)['inputs'] == 0
    assert model[0].heard == [['sample 0'], ['sample 1']]


@pytest.mark.parametrize('promise', [AccumulationAware, MatchedQueryMemory, MatchedQuerySource])
def test_a_module_that_does_not_keep_its_promise_cannot_be_built(promise: type) -> None:
    """The protocol detects renamed methods."""
    with pytest.raises(TypeError, match='abstract'):
        type('Renamed', (torch.nn.Module, promise), {})()


def test_a_model_that_expects_nothing_is_left_alone():
    run = runner(torch.nn.Linear(1, 1))
    before = run.train_loop.dataloader_iterator
    AccumulationHook(iterations=2).before_train(run)
    assert run.train_loop.dataloader_iterator is before


def test_schedules_move_with_the_optimiser():
    for due, steps in ((False, 0), (True, 1)):
        run = runner(torch.nn.Linear(1, 1), due)
        StepSchedulerHook().after_train_iter(run, 0)
        assert run.param_schedulers[0].steps == steps
