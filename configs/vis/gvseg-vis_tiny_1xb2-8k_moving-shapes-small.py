"""VIS on Moving Shapes, first stage: grid queries, shape-position cues for all of them."""
_base_ = [
    '../_base_/models/gvseg_tiny.py', '../_base_/datasets/moving_shapes_vis.py',
    '../_base_/schedules/schedule_tiny.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
model = dict(
    mask_nms=dict(type='MaskNMS'),
    associator=dict(type='TrajectoryAssociator', confidence=0.2, memory=20),
    task_output=dict(type='InstanceOutput', min_score=0.2),
    track_head=dict(
        num_queries=25,
        num_classes=6,
        localized_masks=dict(),
        loss_cls=dict(class_weight=[1.0] * 6 + [0.1]),
        auxiliary=dict(type='DenseAuxiliaryLoss', embed_dims=64, num_classes=6, loss_weight=4.0),
        query_initializer=dict(type='GridQueries', num_queries=25, grid=5, level=-1, in_channels=64, embed_dims=64),
        contrastive=dict(type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64)))
