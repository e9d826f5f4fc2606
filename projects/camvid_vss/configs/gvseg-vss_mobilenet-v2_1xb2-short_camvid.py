"""VSS on CamVid with MobileNetV2. Commands: ../README.md."""
_base_ = [
    '../../../configs/_base_/models/gvseg_mobilenet-v2.py', './schedule.py', './camvid.py', './semantic_prior.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))))
model = dict(
    task_output=dict(type='SemanticOutput', competition='softmax'),
    track_head=dict(
        num_queries=11,
        num_classes=11,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * 11 + [0.1]),
        auxiliary=dict(type='SemanticMaskLoss', loss_weight=8.0),
        query_initializer=_base_.query_initializer,
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64,
            semantic_classes=(0, 11))))
