"""EVS on Moving Shapes, first stage: queries from mask, box or point exemplars, cues for all of them."""
_base_ = [
    '../_base_/models/gvseg_tiny.py', '../_base_/datasets/moving_shapes_evs.py',
    '../_base_/schedules/schedule_tiny.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
num_queries, embed_dims = 10, _base_.embed_dims
model = dict(
    task_output=dict(type='ExemplarOutput'),
    track_head=dict(
        num_queries=num_queries,
        num_classes=1,
        descriptor=_base_.descriptor,
        loss_cls=dict(class_weight=[1.0, 0.1]),
        query_initializer=dict(
            type='ExemplarQueries', num_queries=num_queries, in_channels=embed_dims, embed_dims=embed_dims, level=-1,
            first_weight=0.0),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)))
