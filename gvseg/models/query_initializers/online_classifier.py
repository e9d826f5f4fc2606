"""A classifier for every object of a video, fitted at test to the frames in which its mask is known.

Matching asks what the most similar place is; a linear classifier asks what tells the object from everything else that
these frames show, other objects included. Not in the paper; as the target model of Robinson et al., CVPR 2020.

Shapes: n objects, M remembered places, Q places of a clip, D width of keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gvseg.core.pixel_classifier import balanced_weights, classify, fit_classifier

from .memory_readout import MatchedPlaces


@dataclass(frozen=True)
class OnlineClassifier:
    """Settings of ``ExemplarMatching(at_test=dict(classifier=dict(...)))``.

    Attributes:
        gain: weight of the score, which is in [-1, 1], in the prior of the mask logits.
        ridge: of the regression, beside examples whose weights sum to 1.
        shown: weight of the frames in which objects are shown, in [0, 1]; the rest is that of what was found last.
    """

    gain: float = 5.0
    ridge: float = 5e-4
    shown: float = 0.9

    def priors(self, query: Tensor, near: MatchedPlaces, back: MatchedPlaces) -> Tensor:
        """Priors (n, Q) of places with keys (Q, D) of a single clip; 0 for objects that are not known.

        Args:
            query: keys, of length 1.
            near: the clip's own frames in which objects were last seen.
            back: frames further back, in which they were shown.
        """
        memories = [(near, 1 - self.shown), (back, self.shown)]
        memories = [(memory, share) for memory, share in memories if memory.keys.shape[1]]
        keys = torch.cat([memory.keys[0] for memory, _ in memories])
        examples = [_examples(memories, row) for row in range(near.masks.shape[1])]
        fitted = [fit_classifier(keys, inside, outside, self.ridge) for inside, outside in examples]
        return self.gain * torch.stack([classify(query, weights) for weights in fitted])


def _examples(memories: Sequence[tuple[MatchedPlaces, float]], row: int) -> Tensor:
    """Weights (2, M) of all places as examples of inside and outside of one object."""
    weights = [
        share * torch.stack(balanced_weights(memory.masks[0, row], memory.known[0, row])) for memory, share in memories
    ]
    return torch.cat(weights, 1)
