"""MobileNetV2 as a feature extractor."""

from mmdet.models.backbones import MobileNetV2
from mmdet.registry import MODELS


@MODELS.register_module()
class MobileNetV2Features(MobileNetV2):
    """mmdet's MobileNetV2 without the last 1 x 1 convolution, which only serves ImageNet's classifier.

    Upstream runs that layer (a fifth of the parameters) even if its output is not used, and distributed
    training fails on its missing gradients.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if max(self.out_indices) >= 7:
            raise ValueError(
                f"out_indices {tuple(self.out_indices)}: stage 7 is the classifier's layer, which this "
                'backbone leaves out; use 0 to 6'
            )
        self.layers.remove('conv2')
        del self.conv2
