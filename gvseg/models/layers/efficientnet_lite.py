"""EfficientNet-lite as a feature extractor."""

from mmdet.models.backbones import EfficientNet
from mmdet.registry import MODELS


@MODELS.register_module()
class EfficientNetLite(EfficientNet):
    """mmdet's EfficientNet without squeeze-and-excitation and with ReLU6, as for phones: ``lite0`` and ``lite1``.

    Weights: ``tools/model_converters/efficientnet_lite.py``; inputs are (x - 127) / 128, RGB. ``out_indices`` 2 to 5
    are the maps of strides 4, 8, 16 and 32 with 24, 40, 112 and 320 channels.

    Args:
        arch: ``'lite0'`` or ``'lite1'``.
        act_cfg: activation, ReLU6 by default.
        kwargs: as mmdet's ``EfficientNet``.
    """

    arch_settings = {'lite0': (1.0, 1.0, 224), 'lite1': (1.0, 1.1, 240)}

    def __init__(self, arch: str = 'lite1', act_cfg: dict | None = None, **kwargs) -> None:
        repeats = {'lite0': (1, 2, 2, 3, 3, 4, 1), 'lite1': (1, 3, 3, 4, 4, 5, 1)}
        if arch not in repeats:
            raise ValueError(f'arch {arch!r}: there are {sorted(repeats)}')
        self.layer_settings = {'l': _stages(repeats[arch])}
        self.arch_settings = {arch: (1.0, 1.0, 224)}
        super().__init__(arch=arch, act_cfg=act_cfg or dict(type='ReLU6'), **kwargs)
        self._freeze_stages()  # before distributed training looks for what has gradients


def _stages(repeats: tuple[int, ...]) -> list[list[list[int]]]:
    """mmdet's table: kernel, channels, squeeze, stride, expansion, kind of block; one list for a stride."""
    kernels, channels = (3, 3, 5, 3, 5, 5, 3), (16, 24, 40, 80, 112, 192, 320)
    strides, expansions = (1, 2, 2, 2, 1, 2, 1), (1, 6, 6, 6, 6, 6, 6)
    stages: list[list[list[int]]] = [[[3, 32, 0, 2, 0, -1]]]
    for kernel, width, stride, expansion, count in zip(kernels, channels, strides, expansions, repeats):
        if stride == 2 or len(stages) == 1:
            stages.append([])
        stages[-1].extend([kernel, width, 0, stride if row == 0 else 1, expansion, 0] for row in range(count))
    return [*stages, [[1, 1280, 0, 1, 0, -1]]]
