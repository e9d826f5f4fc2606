"""Lowers the probability of masked attention block after block (EoMT, CVPR 2025, section 3.3)."""

from collections.abc import Sequence

from mmdet.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from gvseg.core.protocols import MasksAttention
from gvseg.utils.errors import ConfigError


@HOOKS.register_module()
class MaskAnnealingHook(Hook):
    """Before every training iteration: the probability of each block with masked attention.

    A network that is trained with masked attention needs it at test, where it costs predictions between the blocks. So
    it is given up while training, the first blocks first.

    Args:
        begin: iteration from which a block's probability falls from 1, for each block.
        end: iteration from which it is 0, for each block.
        power: of (1 - progress), which is the probability in between.

    Raises:
        ConfigError: a block ends before it begins, or the lists differ in length.
    """

    priority = 'NORMAL'

    def __init__(self, begin: Sequence[int], end: Sequence[int], power: float = 0.9) -> None:
        if len(begin) != len(end) or any(first >= last for first, last in zip(begin, end)):
            raise ConfigError(
                f'MaskAnnealingHook needs a begin and a later end for each block, not {list(begin)} and {list(end)}'
            )
        self.begin, self.end, self.power = list(begin), list(end), power

    def before_train(self, runner: Runner) -> None:
        """Check that there is a model with as many masked blocks."""
        counts = [module.num_masked_blocks for module in _masked(runner)]
        if counts != [len(self.begin)]:
            raise ConfigError(
                f'MaskAnnealingHook has {len(self.begin)} blocks to anneal, the model has {counts or "none"} with '
                'masked attention: give begin and end one number for each block of track_head.blocks.depth'
            )

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Set the probabilities of this iteration."""
        for module in _masked(runner):
            module.set_mask_probabilities(self.probabilities(runner.iter))

    def probabilities(self, iteration: int) -> list[float]:
        """Of each block, at an iteration."""
        progress = ((iteration - begin) / (end - begin) for begin, end in zip(self.begin, self.end))
        return [(1 - min(max(done, 0.0), 1.0)) ** self.power for done in progress]


def _masked(runner: Runner) -> list[MasksAttention]:
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    return [module for module in model.modules() if isinstance(module, MasksAttention)]
