"""EVS on BURST by points, trained on YouTube-VOS, Swin-L. Table 3.

Paper: HOTA all 40.9, common 55.5, uncommon 36.3. Ours: not run.
    tools/dist_train.sh configs/evs/gvseg-evs_swin-l_8xb2-15k_burst.py 8 --cfg-options load_from=COCO_WEIGHTS
COCO_WEIGHTS: docs/pretrained_weights.md. Fewer GPUs: --accumulate.
"""
_base_ = [
    '../_base_/models/gvseg_swin-l.py', '../_base_/datasets/burst_swin.py',
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
