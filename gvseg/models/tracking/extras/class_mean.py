"""Mean of class probabilities over the clips of a video.

Shapes: N slots, C classes.
"""

import torch
from mmdet.registry import TASK_UTILS
from torch import Tensor


@TASK_UTILS.register_module()
class SlotClassMean:
    """Mean of a slot's class probabilities over the clips in which it was confident, the current one included.

    MinVIS and its successors take the class of a track from all of its frames; here the mean runs over those so far.
    The probability of "no object" stays that of the clip. A slot whose queries belong together keeps its class; one
    whose queries were mixed up by the association mixes their classes too. Holds the state of one video.

    Args:
        memory: clips after which the mean of a slot that is not confident is forgotten.
        confidence: minimum class probability of a clip that counts.
    """

    def __init__(self, memory: int = 10, confidence: float = 0.5) -> None:
        self.memory = memory
        self.confidence = confidence
        self.reset()

    def reset(self) -> None:
        """Forget the current video."""
        self.sums: Tensor | None = None
        self.age: Tensor | None = None

    def __call__(self, probabilities: Tensor) -> Tensor:
        """Class probabilities of the slots' next clip (N, C + 1), the last is "no object", with mean classes."""
        classes, nothing = probabilities[:, :-1], probabilities[:, -1:]
        sums, age = self._known(classes)
        confident = classes.amax(1) > self.confidence
        self.age = torch.where(confident, 0, age + 1)
        self.sums = (sums + classes * confident[:, None]) * (self.age <= self.memory)[:, None]
        total = self.sums.sum(1, keepdim=True)
        mean = (1 - nothing) * self.sums / total.clamp(min=1e-6)
        return torch.cat((torch.where(total > 0, mean, classes), nothing), 1)

    def _known(self, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Sums and ages for this number of slots; slots that were there keep theirs."""
        if self.sums is not None and self.age is not None and len(self.sums) == len(classes):
            return self.sums, self.age
        sums, age = torch.zeros_like(classes), classes.new_zeros(len(classes), dtype=torch.long)
        if self.sums is not None and self.age is not None:
            kept = min(len(self.sums), len(sums))
            sums[:kept], age[:kept] = self.sums[:kept], self.age[:kept]
        return sums, age
