"""VIS on Moving Shapes, first stage: grid queries, shape-position cues for all of them."""
_base_ = [
    '../_base_/models/gvseg_tiny.py', '../_base_/datasets/moving_shapes_vis.py',
    '../_base_/schedules/schedule_tiny.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
num_queries, num_classes, embed_dims = 25, _base_.num_things_classes, _base_.embed_dims
model = dict(
    mask_nms=dict(type='MaskNMS'),
    associator=dict(type='TrajectoryAssociator', confidence=0.2, memory=20),
    task_output=dict(type='InstanceOutput', min_score=0.2),
    track_head=dict(
        num_queries=num_queries,
        num_classes=num_classes,
        localized_masks=dict(),
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        auxiliary=dict(type='DenseAuxiliaryLoss', embed_dims=embed_dims, num_classes=num_classes, loss_weight=4.0),
        query_initializer=dict(
            type='GridQueries', num_queries=num_queries, grid=5, level=-1, in_channels=embed_dims,
            embed_dims=embed_dims),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)))
