"""VPS on Moving Shapes: grid queries and cues for things, prototypes and a queue for stuff."""
_base_ = [
    '../_base_/models/gvseg_tiny.py', '../_base_/datasets/moving_shapes_vps.py',
    '../_base_/schedules/schedule_tiny.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
num_things, num_stuff, embed_dims = _base_.num_things_classes, _base_.num_stuff_classes, _base_.embed_dims
num_queries, num_classes = 25, num_things + num_stuff
things = dict(type='GridQueries', num_queries=num_queries, classes=(0, num_things), grid=5, level=-1,
              in_channels=embed_dims, embed_dims=embed_dims)
stuff = dict(type='PrototypeQueries', num_queries=num_stuff, classes=(num_things, num_classes),
             embed_dims=embed_dims, aligned=True)
model = dict(
    mask_nms=dict(type='MaskNMS'),
    associator=dict(type='TrajectoryAssociator', memory=20, motion_update_score_thr=0.8),
    task_output=dict(type='PanopticOutput', num_things=num_things, min_score=0.6),  # measured: docs/method.md
    track_head=dict(
        num_queries=num_queries + num_stuff,
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        auxiliary=dict(type='DenseAuxiliaryLoss', embed_dims=embed_dims, num_classes=num_classes, loss_weight=4.0),
        query_initializer=dict(type='CombinedQueries', parts=[things, stuff]),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims,
            semantic_classes=(num_things, num_classes))))
