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
things = dict(type='GridQueries', num_queries=200, classes=(0, 58), grid=16, in_channels=1536, embed_dims=256)
stuff = dict(type='PrototypeQueries', num_queries=66, classes=(58, 124), embed_dims=256)
model = dict(
    task_output=dict(type='PanopticOutput', num_things=58),
    track_head=dict(
        num_queries=266,
        num_classes=124,
        loss_cls=dict(class_weight=[1.0] * 124 + [0.1]),
        query_initializer=dict(type='CombinedQueries', parts=[things, stuff]),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=256,
            semantic_classes=(58, 124))))
