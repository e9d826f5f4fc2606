"""Class queries whose masks start from a per-pixel classification.

Shapes: B clips, T frames, N queries, C classes, h w size of the mask features.
"""

import torch
from mmdet.registry import MODELS
from torch import Tensor
from torch.nn.functional import interpolate

from gvseg.core.query_set import QuerySet
from gvseg.models.structures import ClipBatch
from gvseg.utils.errors import ConfigError

from .prototypes import PrototypeQueries


@MODELS.register_module()
class SemanticPriorQueries(PrototypeQueries):
    """:class:`PrototypeQueries` beside a semantic branch on the backbone; its logits are added to the queries' masks.

    The masks of randomly initialised queries take long to learn where classes are, and a convolutional branch a few
    hundred iterations. Here queries correct the branch, as kernels do in K-Net (Zhang et al., NeurIPS 2021). The
    branch has no loss of its own: it is trained by those of the masks. Not in the paper.

    Args:
        neck: config of what makes feature maps of those of the backbone, an mmdet FPN for example.
        head: config of an mmseg decode head on them, with one channel per class.
        kwargs: of :class:`PrototypeQueries`; ``aligned`` must be true.

    Raises:
        ConfigError: queries are not aligned with classes.
    """

    def __init__(self, *, neck: dict, head: dict, **kwargs) -> None:
        super().__init__(**kwargs)
        if not self.aligned:
            raise ConfigError('SemanticPriorQueries needs one query per class: set aligned=True')
        first, end = self.own_classes
        self.neck = MODELS.build(neck)
        self.head = MODELS.build(dict(num_classes=end - first, **head))

    def mask_prior(self, features: list[Tensor], clips: ClipBatch, queries: QuerySet) -> Tensor:
        """Log-odds of each query's class, (B, N, T, h, w)."""
        *backbone, mask_features = features
        logits = self.head(self.neck(backbone)).float()
        if logits.shape[-2:] != mask_features.shape[-2:]:
            logits = interpolate(logits, mask_features.shape[-2:], mode='bilinear', align_corners=False)
        own = queries.classes.to(logits.device).float().argmax(1) - self.own_classes[0]
        odds = log_odds(logits)[:, own]
        return odds.unflatten(0, (len(clips), clips.frames)).transpose(1, 2)


def log_odds(logits: Tensor) -> Tensor:
    """Logits of the sigmoids that equal the softmax of class logits (n, C, h, w); at most 14 (p is clamped)."""
    chance = logits.log_softmax(1)
    return chance - torch.log1p(-chance.exp().clamp(max=1 - 1e-6))
