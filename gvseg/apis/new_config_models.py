"""Model sections of :mod:`gvseg.apis.new_config`: the parts of each task, as the shipped configs compose them."""

from gvseg.formats.layouts import Layout

HOOK = "custom_hooks = [dict(type='QueryQueueHook')]\n"
# Keys are (task, recipe): 'small' is the recipe of the Moving Shapes models, 'paper' that of the benchmarks' configs.
# Both associate by trajectory as well.
MODELS = {
    ('vis', 'small'): """model = dict({backbone}
    mask_nms=dict(type='MaskNMS'),
    associator=dict(type='TrajectoryAssociator', confidence=0.2, memory=20),
    task_output=dict(type='InstanceOutput', min_score=0.2),
    track_head=dict(
        num_queries=25,
        num_classes=num_classes,
        localized_masks=dict(),
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        auxiliary=dict(
            type='DenseAuxiliaryLoss', embed_dims=embed_dims, num_classes=num_classes, loss_weight=4.0),
        query_initializer=dict(
            type='GridQueries', num_queries=25, grid=5, level=-1, in_channels={channels}, embed_dims=embed_dims),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)))
""",
    ('vis', 'paper'): """model = dict(
    associator=dict(type='TrajectoryAssociator', confidence=0.2, memory=20),
    task_output=dict(type='InstanceOutput'),
    track_head=dict(
        num_queries=100,
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        query_initializer=dict(
            type='GridQueries', num_queries=100, grid=12, in_channels={channels}, embed_dims=embed_dims),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)))
""",
    ('vss', 'small'): """model = dict({backbone}
    task_output=dict(type='SemanticOutput'),
    track_head=dict(
        num_queries=num_classes,
        num_classes=num_classes,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        auxiliary=dict(
            type='DenseAuxiliaryLoss', embed_dims=embed_dims, num_classes=num_classes, loss_weight=4.0),
        query_initializer=dict(
            type='PrototypeQueries', num_queries=num_classes, classes=(0, num_classes), embed_dims=embed_dims,
            aligned=True),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims,
            semantic_classes=(0, num_classes))))
""",
    ('vss', 'paper'): """model = dict(
    task_output=dict(type='SemanticOutput'),
    track_head=dict(
        num_queries=num_classes,
        num_classes=num_classes,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        query_initializer=dict(
            type='PrototypeQueries', num_queries=num_classes, classes=(0, num_classes), embed_dims=embed_dims),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims,
            semantic_classes=(0, num_classes))))
""",
    ('vps', 'small'): """stuff_classes = (num_things, num_classes)
things = dict(
    type='GridQueries', num_queries=25, classes=(0, num_things), grid=5, level=-1, in_channels={channels},
    embed_dims=embed_dims)
stuff = dict(
    type='PrototypeQueries', num_queries=num_classes - num_things, classes=stuff_classes, embed_dims=embed_dims,
    aligned=True)
model = dict({backbone}
    mask_nms=dict(type='MaskNMS'),
    associator=dict(type='TrajectoryAssociator', memory=20, motion_update_score_thr=0.8),
    task_output=dict(type='PanopticOutput', num_things=num_things, min_score=0.6),
    track_head=dict(
        num_queries=25 + num_classes - num_things,
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        auxiliary=dict(
            type='DenseAuxiliaryLoss', embed_dims=embed_dims, num_classes=num_classes, loss_weight=4.0),
        query_initializer=dict(type='CombinedQueries', parts=[things, stuff]),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims,
            semantic_classes=stuff_classes)))
""",
    ('vps', 'paper'): """stuff_classes = (num_things, num_classes)
things = dict(
    type='GridQueries', num_queries=100, classes=(0, num_things), grid=12, in_channels={channels},
    embed_dims=embed_dims)
stuff = dict(
    type='PrototypeQueries', num_queries=num_classes - num_things, classes=stuff_classes, embed_dims=embed_dims)
model = dict(
    associator=dict(type='TrajectoryAssociator', memory=20, motion_update_score_thr=0.8),
    task_output=dict(type='PanopticOutput', num_things=num_things),
    track_head=dict(
        num_queries=100 + num_classes - num_things,
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        query_initializer=dict(type='CombinedQueries', parts=[things, stuff]),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims,
            semantic_classes=stuff_classes)))
""",
    ('evs', 'small'): """model = dict({backbone}
    task_output=dict(type='ExemplarOutput'),
    track_head=dict(
        num_queries=10,
        num_classes=1,
        descriptor=descriptor,
        loss_cls=dict(class_weight=[1.0, 0.1]),
        query_initializer=dict(
            type='ExemplarQueries', num_queries=10, in_channels={channels}, embed_dims=embed_dims, level=-1,
            first_weight=0.0),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)))
""",
    ('evs', 'paper'): """model = dict(
    task_output=dict(type='ExemplarOutput'),
    track_head=dict(
        num_queries=100,
        num_classes=1,
        descriptor=descriptor,
        loss_cls=dict(class_weight=[1.0, 0.1]),
        query_initializer=dict(
            type='ExemplarQueries', num_queries=100, in_channels=embed_dims, embed_dims=embed_dims, level=-1,
            first_weight=0.0),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)))
""",
}


def model_section(layout: Layout, recipe: str, channels: int, pretrained: bool) -> str:
    """Source of the hook and the model.

    Args:
        layout: of the training data; gives the task.
        recipe: 'small' or 'paper'.
        channels: of the feature map that queries are taken from.
        pretrained: the whole network is initialised from a checkpoint, so the backbone loads no weights of its own.
    """
    backbone = '\n    backbone=dict(init_cfg=None),' if pretrained else ''
    return HOOK + MODELS[layout.task, recipe].format(channels=channels, backbone=backbone)
