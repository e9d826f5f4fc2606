"""EVS on real video: one object per exemplar, mask, box and point exemplars mixed."""
_base_ = [
    '../_base_/models/gvseg_mobilenet-v2.py', '../_base_/datasets/davis_coco128.py',
    '../_base_/schedules/schedule_2k5.py', '../default_runtime.py'
]
num_queries, embed_dims = 10, _base_.embed_dims
custom_hooks = [dict(type='QueryQueueHook')]
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))))
model = dict(
    task_output=dict(type='ExemplarOutput'),
    prompt_masks=dict(type='PromptMasks'),
    track_head=dict(
        num_queries=num_queries,
        num_classes=1,
        descriptor=_base_.descriptor,
        loss_cls=dict(class_weight=[1.0, 0.1]),
        query_initializer=dict(
            type='ExemplarQueries', num_queries=num_queries, in_channels=embed_dims, embed_dims=embed_dims, level=-1,
            first_weight=0.0,
            matching=dict(in_channels=(32, 96, embed_dims), gains=(1.2, 1.2), at_test=dict(classifier=dict()))),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)))
