"""Small configs for the tests of the model."""

import copy
from pathlib import Path

from mmengine.config import Config

ROOT = Path(__file__).resolve().parents[2]


def tiny_model() -> dict:
    """The tiny model's base config, without the keys that task leaves add."""
    return copy.deepcopy(Config.fromfile(ROOT / 'configs/_base_/models/gvseg_tiny.py').model.to_dict())


def head_config(num_classes: int) -> dict:
    """Arguments of a Mask2Former head without GvSeg's parts."""
    head = tiny_model()['track_head']
    for name in ('type', 'descriptor', 'cue_injection'):
        head.pop(name)
    head['pixel_decoder'].pop('placed')
    head['pixel_decoder']['type'] = 'DeformablePixelDecoder'
    head['num_classes'] = num_classes
    head['loss_cls']['class_weight'] = [1.0] * num_classes + [0.1]
    return head


def vis_model(num_classes: int = 5) -> dict:
    """A complete VIS model."""
    return _complete(
        num_classes,
        dict(type='GridQueries', grid=5, num_queries=20, in_channels=160, embed_dims=64),
        dict(type='InstanceOutput'),
    )


def vss_model(num_classes: int = 9) -> dict:
    """A complete VSS model: queries are classes."""
    model = _complete(
        num_classes,
        dict(type='PrototypeQueries', num_queries=num_classes, classes=(0, num_classes), embed_dims=64, aligned=True),
        dict(type='SemanticOutput'),
    )
    model['track_head']['num_queries'] = num_classes
    model['track_head']['contrastive'] = dict(
        type='TaskOrientedContrastiveLoss',
        sampler=dict(type='TCLSampler'),
        embed_dims=64,
        semantic_classes=(0, num_classes),
    )
    return model


def vps_model(num_things: int = 5, num_stuff: int = 4) -> dict:
    """A complete VPS model: grid queries for things, prototypes for stuff."""
    classes = num_things + num_stuff
    parts = [
        dict(type='GridQueries', grid=5, num_queries=20, in_channels=160, embed_dims=64, classes=(0, num_things)),
        dict(
            type='PrototypeQueries', num_queries=num_stuff, classes=(num_things, classes), embed_dims=64, aligned=True
        ),
    ]
    model = _complete(
        classes, dict(type='CombinedQueries', parts=parts), dict(type='PanopticOutput', num_things=num_things)
    )
    model['track_head']['num_queries'] = 20 + num_stuff
    model['track_head']['contrastive'] = dict(
        type='TaskOrientedContrastiveLoss',
        sampler=dict(type='TCLSampler'),
        embed_dims=64,
        semantic_classes=(num_things, classes),
    )
    return model


def vit_model(**head) -> dict:
    """A complete encoder-only VIS model with learned queries and clips of two frames."""
    model = copy.deepcopy(Config.fromfile(ROOT / 'configs/_base_/models/gvseg_vit-tiny.py').model.to_dict())
    model['task_output'] = dict(type='InstanceOutput')
    learned = dict(type='LearnedQueries', num_queries=20)
    model['track_head'].update(num_classes=3, num_frames=2, query_initializer=learned, cue_injection=None, **head)
    model['track_head']['loss_cls']['class_weight'] = [1.0] * 3 + [0.1]
    return model


def evs_model() -> dict:
    """A complete EVS model: one query per shown object and spare ones."""
    model = _complete(
        1,
        dict(type='ExemplarQueries', num_queries=8, in_channels=64, embed_dims=64, level=-1),
        dict(type='ExemplarOutput'),
    )
    model['track_head']['num_queries'] = 8
    return model


def _complete(num_classes: int, query_initializer: dict, task_output: dict) -> dict:
    model = tiny_model()
    model['task_output'] = task_output
    model['track_head'].update(num_classes=num_classes, query_initializer=query_initializer)
    model['track_head']['loss_cls']['class_weight'] = [1.0] * num_classes + [0.1]
    model['track_head']['contrastive'] = dict(
        type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64
    )
    return model
