"""VSS on MobileNetV2: one query per class beside a semantic branch (semantic FPN), classes compete for each pixel."""
_base_ = './gvseg_mobilenet-v2.py'
street_classes = 11
model = dict(
    task_output=dict(type='SemanticOutput', competition='softmax'),
    track_head=dict(
        num_queries=street_classes,
        num_classes=street_classes,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * street_classes + [0.1]),
        auxiliary=dict(type='SemanticMaskLoss', loss_weight=8.0),
        query_initializer=dict(
            type='SemanticPriorQueries',
            num_queries=street_classes,
            classes=(0, street_classes),
            embed_dims=_base_.embed_dims,
            aligned=True,
            neck=dict(type='FPN', in_channels=[24, 32, 96, 320], out_channels=128, num_outs=4),
            head=dict(
                type='mmseg.FPNHead',
                in_channels=[128] * 4,
                in_index=[0, 1, 2, 3],
                feature_strides=[4, 8, 16, 32],
                channels=64,
                norm_cfg=dict(type='GN', num_groups=8))),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss',
            sampler=dict(type='TCLSampler'),
            embed_dims=_base_.embed_dims,
            semantic_classes=(0, street_classes))))
