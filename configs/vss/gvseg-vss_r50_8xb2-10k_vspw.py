"""VSS on VSPW, ResNet-50. Table 1.

Paper: mIoU 44.5, mVC8 90.5, mVC16 86.4. Ours: not run.
    tools/dist_train.sh configs/vss/gvseg-vss_r50_8xb2-10k_vspw.py 8 --cfg-options load_from=COCO_WEIGHTS
COCO_WEIGHTS: docs/pretrained_weights.md. Fewer GPUs: --accumulate.
"""
_base_ = [
    '../_base_/models/gvseg_r50.py', '../_base_/datasets/vspw.py',
    '../_base_/schedules/schedule_10k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
num_classes, embed_dims = _base_.num_classes, _base_.embed_dims
model = dict(
    task_output=dict(type='SemanticOutput'),
    track_head=dict(
        num_queries=num_classes,
        num_classes=num_classes,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        query_initializer=dict(
            type='PrototypeQueries', num_queries=num_classes, classes=(0, num_classes), embed_dims=embed_dims),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims,
            semantic_classes=(0, num_classes))))
