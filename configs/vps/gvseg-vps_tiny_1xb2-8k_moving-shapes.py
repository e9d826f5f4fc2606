"""VPS on Moving Shapes: grid queries and cues for things, prototypes and a queue for stuff."""
_base_ = [
    '../_base_/models/gvseg_tiny.py', '../_base_/datasets/moving_shapes_vps.py',
    '../_base_/schedules/schedule_tiny.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
things = dict(type='GridQueries', num_queries=25, classes=(0, 6), grid=5, level=-1, in_channels=64, embed_dims=64)
stuff = dict(type='PrototypeQueries', num_queries=5, classes=(6, 11), embed_dims=64, aligned=True)
model = dict(
    mask_nms=dict(type='MaskNMS'),
    associator=dict(type='TrajectoryAssociator', memory=20, motion_update_score_thr=0.8),
    task_output=dict(type='PanopticOutput', num_things=6),
    track_head=dict(
        num_queries=30,
        num_classes=11,
        loss_cls=dict(class_weight=[1.0] * 11 + [0.1]),
        auxiliary=dict(type='DenseAuxiliaryLoss', embed_dims=64, num_classes=11, loss_weight=4.0),
        query_initializer=dict(type='CombinedQueries', parts=[things, stuff]),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64,
            semantic_classes=(6, 11))))
