"""VSS on CamVid with EfficientNet-lite1, class queries beside a semantic branch. Commands: ../README.md."""
_base_ = ['../../../configs/_base_/models/gvseg_efficientnet-lite1.py', './schedule_gpu.py', './camvid_large.py']
custom_hooks = [dict(type='QueryQueueHook')]
model = dict(
    task_output=dict(type='SemanticOutput', competition='softmax'),
    track_head=dict(
        num_queries=11,
        num_classes=11,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * 11 + [0.1]),
        auxiliary=dict(type='SemanticMaskLoss', loss_weight=8.0),
        query_initializer=dict(
            type='SemanticPriorQueries', num_queries=11, classes=(0, 11), embed_dims=64, aligned=True,
            neck=dict(type='FPN', in_channels=[24, 40, 112, 320], out_channels=128, num_outs=4),
            head=dict(
                type='mmseg.FPNHead', in_channels=[128] * 4, in_index=[0, 1, 2, 3], feature_strides=[4, 8, 16, 32],
                channels=64, norm_cfg=dict(type='GN', num_groups=8))),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64,
            semantic_classes=(0, 11))))
