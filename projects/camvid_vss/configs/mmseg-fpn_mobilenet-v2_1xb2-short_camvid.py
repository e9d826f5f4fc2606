"""The per-frame baseline: mmseg's semantic FPN, same backbone, weights, items, schedule. Ours: mIoU 67.1, mVC8 94.5."""
_base_ = ['./schedule.py', './camvid.py']
clip_length = 1  # at test; items of training are those of GvSeg
val_dataloader = dict(sampler=dict(clip_length=1))
test_dataloader = val_dataloader
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))))
model = dict(
    type='PerFrameSegmenter',
    data_preprocessor=dict(
        type='TrackDataPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True,
        pad_mask=True, pad_size_divisor=32),
    segmenter=dict(
        type='EncoderDecoder',
        backbone=dict(
            type='mmdet.MobileNetV2Features', out_indices=(1, 2, 4, 6), frozen_stages=2, norm_eval=True,
            init_cfg=dict(type='Pretrained', checkpoint='work_dirs/mobilenet_v2.pth')),
        neck=dict(type='FPN', in_channels=[24, 32, 96, 320], out_channels=128, num_outs=4),
        decode_head=dict(
            type='FPNHead', in_channels=[128] * 4, in_index=[0, 1, 2, 3], feature_strides=[4, 8, 16, 32], channels=64,
            num_classes=11, norm_cfg=dict(type='GN', num_groups=8)),
        test_cfg=dict(mode='whole')))
