"""VPS on VIPSeg, Swin-L. Table 1.

Paper: VPQ 57.9, VPQ-Th 59.7, VPQ-St 56.1, STQ 55.6. Ours: not run.
    tools/dist_train.sh configs/vps/gvseg-vps_swin-l_8xb2-10k_vipseg.py 8 --cfg-options load_from=COCO_WEIGHTS
COCO_WEIGHTS: docs/pretrained_weights.md. Fewer GPUs: --accumulate.
"""
_base_ = [
    '../_base_/models/gvseg_swin-l.py', '../_base_/datasets/vipseg.py',
    '../_base_/schedules/schedule_10k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
num_things, num_stuff, embed_dims = _base_.num_things_classes, _base_.num_stuff_classes, _base_.embed_dims
num_queries, stuff_classes = 200, (num_things, num_things + num_stuff)
things = dict(type='GridQueries', num_queries=num_queries, classes=(0, num_things), grid=16,
              in_channels=_base_.last_channels, embed_dims=embed_dims)
stuff = dict(type='PrototypeQueries', num_queries=num_stuff, classes=stuff_classes, embed_dims=embed_dims)
model = dict(
    task_output=dict(type='PanopticOutput', num_things=num_things),
    track_head=dict(
        num_queries=num_queries + num_stuff, num_classes=num_things + num_stuff, descriptor=_base_.descriptor,
        loss_cls=dict(class_weight=[1.0] * (num_things + num_stuff) + [0.1]),
        query_initializer=dict(type='CombinedQueries', parts=[things, stuff]),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims,
            semantic_classes=stuff_classes)))
