"""Object prompts for models that take none: they choose among the model's tubes, which are then followed."""

from copy import deepcopy

from mmdet.registry import TRANSFORMS
from mmengine.config import Config

from gvseg.utils.pipeline_roles import PipelineRole, role_of
from gvseg.utils.recipes import parts_in_use


def with_selected_tracks(config: Config) -> Config:
    """The config of a model as one that takes object prompts, by :class:`gvseg.models.task_outputs.SelectedTracks`.

    Args:
        config: one of a model, or of a recipe in use, that takes prompts is returned as it is.
    """
    steps = config.test_dataloader.dataset.pipeline
    if any(role_of(step, TRANSFORMS) == PipelineRole.SHOW_OBJECTS for step in steps):
        return config
    config, head = deepcopy(config), config.model.track_head
    parts_in_use(config)['task_output'] = dict(type='SelectedTracks')
    shown = dict(type='MakeExemplars', training=False, dim=head.feat_channels, descriptor=head.get('descriptor'))
    config.test_dataloader.dataset.pipeline = [*steps[:-1], shown, steps[-1]]
    return config
