"""VSS on CamVid with MobileNetV2. Ours: mIoU 58.7, mVC8 91.7, mVC16 90.6. Commands: ../README.md."""
_base_ = [
    '../../../configs/_base_/models/gvseg_mobilenet-v2.py', './schedule.py', './camvid.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))))
model = dict(
    task_output=dict(type='SemanticOutput'),
    track_head=dict(
        num_queries=11,
        num_classes=11,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * 11 + [0.1]),
        auxiliary=dict(type='DenseAuxiliaryLoss', embed_dims=64, num_classes=11, loss_weight=4.0),
        query_initializer=dict(type='PrototypeQueries', num_queries=11, classes=(0, 11), embed_dims=64, aligned=True),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64,
            semantic_classes=(0, 11))))
