"""VIS on YouTube-VIS 2019, ResNet-50. Table S1.

Paper: AP 54.9, AP50 76.6, AP75 60.1, AR1 50.6, AR10 63.0. Ours: not run.
    tools/dist_train.sh configs/vis/gvseg-vis_r50_8xb2-15k_youtube-vis-2019.py 8 --cfg-options load_from=COCO_WEIGHTS
COCO_WEIGHTS: docs/pretrained_weights.md. Fewer GPUs: --accumulate.
"""
_base_ = [
    '../_base_/models/gvseg_r50.py', '../_base_/datasets/youtube_vis_2019.py',
    '../_base_/schedules/schedule_15k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
num_queries, num_classes, embed_dims = _base_.num_queries, _base_.num_things_classes, _base_.embed_dims
model = dict(
    task_output=dict(type='InstanceOutput'),
    track_head=dict(
        num_queries=num_queries,
        num_classes=num_classes,
        descriptor=_base_.descriptor,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        query_initializer=dict(
            type='GridQueries', num_queries=num_queries, grid=_base_.grid, in_channels=_base_.last_channels,
            embed_dims=embed_dims),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)))
