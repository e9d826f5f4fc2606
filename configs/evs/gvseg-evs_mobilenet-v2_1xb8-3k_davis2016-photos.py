"""The same on MobileNetV2, to compare."""
_base_ = './gvseg-evs_efficientnet-lite1_1xb8-3k_davis2016-photos.py'
model = dict(
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(
        _delete_=True,
        type='MobileNetV2Features',
        out_indices=(1, 2, 4, 6),
        frozen_stages=2,
        norm_eval=True,
        init_cfg=dict(type='Pretrained', checkpoint='work_dirs/mobilenet_v2.pth')),
    track_head=dict(in_channels=[24, 32, 96, 320], query_initializer=dict(matching=dict(in_channels=(32, 96, 64)))))
