"""Training and prediction with weights and inputs on a device that computes nothing, to see what meets on two devices.

torch's ``FakeTensorMode`` knows of each tensor its shape, type and device. A CPU tensor that meets one of the device is
an error there as on a GPU, and so is every question that makes a GPU wait: how many are true, what is the value. What
has to be asked is replaced below. Device type and guards of the fake device are set up for the whole process: run it as

    python -m tests.models.fake_device CONFIG...

which prints a JSON of the error of each config of ``tests.golden``, empty for none.
"""

import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from unittest.mock import patch

import numpy as np
import torch
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

from gvseg.models.heads.clip_batch import build_clip_batch
from gvseg.models.layers.cue_injection import PredictedCues
from gvseg.models.layers.fixed_size import FixedSizeCues
from gvseg.models.losses import point_sampling, tube_assignment
from gvseg.models.query_initializers import PrototypeQueries
from tests.golden.run import CONFIGS, ROOT
from tests.models.samples import SIZE, clip_sample
from tests.shrinking import shrink

NAME = 'fake'
DEVICE = torch.device('privateuseone:0')


def set_up_device() -> None:
    """Register the device with torch."""
    _setup_privateuseone_for_python_backend(NAME)
    getattr(torch, NAME).get_amp_supported_dtype = lambda: [torch.float16, torch.bfloat16]


def moved(value: object) -> object:
    """The same on the fake device."""
    if isinstance(value, torch.Tensor):
        return torch.empty(value.shape, dtype=value.dtype, device=DEVICE)
    if is_dataclass(value):
        return replace(value, **{field.name: moved(getattr(value, field.name)) for field in fields(value)})
    if isinstance(value, InstanceData):
        return InstanceData(**{name: moved(part) for name, part in value.items()})
    return [moved(part) for part in value] if isinstance(value, list) else value


def move(model: nn.Module) -> nn.Module:
    """Parameters and buffers to the fake device; what is neither stays, as with ``to()``."""
    for module in model.modules():
        for name, value in module._parameters.items():
            if value is not None:
                module._parameters[name] = nn.Parameter(moved(value), requires_grad=value.requires_grad)
        for name, value in module._buffers.items():
            if value is not None:
                module._buffers[name] = moved(value)
    return model


@contextmanager
def without_questions() -> Iterator[None]:
    """What asks the device for values: costs for the Hungarian, confident queries, classes that have prototypes."""

    def pairs(found: list, device: torch.device) -> list:
        return [tuple(torch.zeros(2, len(rows), dtype=torch.long, device=device)) for rows, _ in found]

    make = torch.tensor

    def tensor(data: object, dtype: torch.dtype | None = None, device: object = 'cpu') -> torch.Tensor:
        """``torch.tensor`` makes data on a device without asking the mode, so that it only works on a real one."""
        return make(data, dtype=dtype).to(device or 'cpu')

    def new_tensor(self: torch.Tensor, data: object, dtype: torch.dtype | None = None, device: object = None):
        return tensor(data, dtype or self.dtype, device or self.device)

    known = patch.object(PrototypeQueries, 'known_classes', lambda self: [])
    with (
        patch.object(tube_assignment, '_on_host', lambda matrices: [np.ones(matrix.shape) for matrix in matrices]),
        patch.object(tube_assignment, '_on_device', pairs),
        patch.object(point_sampling, 'generator', lambda seed, device: None),
        patch.object(tube_assignment, 'generator', lambda seed, device: None),
        patch.object(PredictedCues, '_clip_cues', FixedSizeCues._clip_cues),
        patch.object(torch, 'tensor', tensor),
        patch.object(torch.Tensor, 'new_tensor', new_tensor),
        known,
    ):
        yield


def train_and_predict(config: Config, mode: FakeTensorMode) -> None:
    """One step forward and backward, and one clip predicted.

    Raises:
        Exception: something is on the wrong device, or a value is asked for.
    """
    head = shrink(config).model.track_head
    kwargs = dict(exemplars=True, label=0) if head.num_classes == 1 else dict(exemplars=True)
    frames = head.num_frames
    clips = [clip_sample('video', list(range(first, first + frames)), 99, **kwargs) for first in (0, 20)]
    sample = TrackDataSample(video_data_samples=[frame for clip in clips for frame in clip.video_data_samples])
    training = build_clip_batch([sample], frames, torch.device('cpu'), with_targets=True)
    test = build_clip_batch(clips[:1], frames, torch.device('cpu'), with_targets=False)
    model = MODELS.build(config.model)
    with mode, without_questions():
        head = move(model).track_head
        with patch.object(head, 'clip_batch', lambda *args, **kwargs: moved(training)):
            features = model.train().backbone(torch.empty(2 * frames, 3, *SIZE, device=DEVICE))
            losses = head.loss(features, [sample])
            assert {value.device for value in losses.values()} == {DEVICE}
            sum(value.sum() for value in losses.values()).backward()
        with torch.no_grad():
            found = model.eval().predict_single_view(torch.empty(frames, 3, *SIZE, device=DEVICE), moved(test))
            assert {found.masks.device, found.descriptors.device, found.embeddings.device} == {DEVICE}


def main() -> None:
    """Entry point."""
    set_up_device()
    errors, mode = {}, FakeTensorMode(allow_non_fake_inputs=False)  # one: tables are kept between models
    with DefaultScope.overwrite_default_scope('mmdet'):
        for task in sys.argv[1:] or CONFIGS:
            errors[task] = ''
            try:
                train_and_predict(Config.fromfile(ROOT / 'configs' / CONFIGS[task]), mode)
            except Exception as error:
                ours = [line for line in traceback.format_exc().split('  File ') if '/gvseg/' in line]
                errors[task] = ''.join(ours[-3:]) + f'{type(error).__name__}: {error}'[:400]
    print(json.dumps(errors))


if __name__ == '__main__':
    main()
