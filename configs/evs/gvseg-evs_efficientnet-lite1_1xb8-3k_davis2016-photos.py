"""EVS on real video: EfficientNet-lite1, exemplars matched pixel by pixel; mask, box and point exemplars mixed."""
_base_ = [
    '../_base_/models/gvseg_efficientnet-lite1.py', '../_base_/datasets/davis2016_photos.py',
    '../_base_/schedules/schedule_gpu_3k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
model = dict(
    task_output=dict(type='ExemplarOutput'),
    track_head=dict(
        num_queries=10,
        num_classes=1,
        descriptor=_base_.descriptor,
        loss_cls=dict(class_weight=[1.0, 0.1]),
        query_initializer=dict(
            type='ExemplarQueries', num_queries=10, in_channels=64, embed_dims=64, level=-1, first_weight=0.0,
            matching=dict(
                in_channels=(40, 112, 64), fine_channels=24, dim=64, scale=(20.0, 20.0), locality=(33.0, 1.0))),
        contrastive=dict(type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64)))
