"""EVS on YouTube-VOS 2018 by masks, ResNet-50. Table 3.

Paper: G 81.5, J seen 80.9, F seen 86.0, J unseen 75.4, F unseen 83.7. Ours: not run.
    tools/dist_train.sh configs/evs/gvseg-evs_r50_8xb2-15k_youtube-vos-2018.py 8 --cfg-options load_from=COCO_WEIGHTS
COCO_WEIGHTS: docs/pretrained_weights.md. Fewer GPUs: --accumulate.
"""
_base_ = [
    '../_base_/models/gvseg_r50.py', '../_base_/datasets/youtube_vos_2018.py',
    '../_base_/schedules/schedule_15k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
num_queries, embed_dims = _base_.num_queries, _base_.embed_dims
model = dict(
    task_output=dict(type='ExemplarOutput'),
    track_head=dict(
        num_queries=num_queries,
        num_classes=1,
        descriptor=_base_.descriptor,
        loss_cls=dict(class_weight=[1.0, 0.1]),
        query_initializer=dict(
            type='ExemplarQueries', num_queries=num_queries, in_channels=embed_dims, embed_dims=embed_dims,
            level=-1, first_weight=0.0),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)))
