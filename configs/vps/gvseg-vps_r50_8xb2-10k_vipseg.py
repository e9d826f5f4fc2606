"""VPS on VIPSeg, ResNet-50. Table 1.

Paper: VPQ 44.0, VPQ-Th 44.4, VPQ-St 42.4, STQ 44.9. Ours: not run.
    tools/dist_train.sh configs/vps/gvseg-vps_r50_8xb2-10k_vipseg.py 8 --cfg-options load_from=COCO_WEIGHTS
COCO_WEIGHTS: docs/pretrained_weights.md. Fewer GPUs: --accumulate.
"""
_base_ = [
    '../_base_/models/gvseg_r50.py', '../_base_/datasets/vipseg.py',
    '../_base_/schedules/schedule_10k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
things = dict(type='GridQueries', num_queries=100, classes=(0, 58), grid=12, in_channels=2048, embed_dims=256)
stuff = dict(type='PrototypeQueries', num_queries=66, classes=(58, 124), embed_dims=256)
model = dict(
    task_output=dict(type='PanopticOutput', num_things=58),
    track_head=dict(
        num_queries=166,
        num_classes=124,
        loss_cls=dict(class_weight=[1.0] * 124 + [0.1]),
        query_initializer=dict(type='CombinedQueries', parts=[things, stuff]),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=256,
            semantic_classes=(58, 124))))
