"""VIS on OVIS, Swin-L. Table 2.

Paper: AP 49.7, AP50 74.9, AP75 52.0, AR1 18.9, AR10 54.5. Ours: not run.
    tools/dist_train.sh configs/vis/gvseg-vis_swin-l_8xb2-10k_ovis.py 8 --cfg-options load_from=COCO_WEIGHTS
COCO_WEIGHTS: docs/pretrained_weights.md. Fewer GPUs: --accumulate.
"""
_base_ = [
    '../_base_/models/gvseg_swin-l.py', '../_base_/datasets/ovis.py',
    '../_base_/schedules/schedule_10k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
model = dict(
    task_output=dict(type='InstanceOutput'),
    track_head=dict(
        num_queries=100,
        num_classes=25,
        loss_cls=dict(class_weight=[1.0] * 25 + [0.1]),
        query_initializer=dict(type='GridQueries', num_queries=100, grid=12, in_channels=1536, embed_dims=256),
        contrastive=dict(type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=256)))
