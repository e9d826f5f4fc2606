"""The per-frame baseline on EfficientNet-lite1: mmseg's semantic FPN, same weights, items, schedule."""
_base_ = ['./schedule_gpu.py', './camvid_large.py']
clip_length = 1  # at test; items of training are those of GvSeg
val_dataloader = dict(sampler=dict(clip_length=1))
test_dataloader = val_dataloader
model = dict(
    type='PerFrameSegmenter',
    data_preprocessor=dict(
        type='TrackDataPreprocessor', mean=[127.0, 127.0, 127.0], std=[128.0, 128.0, 128.0], bgr_to_rgb=True,
        pad_mask=True, pad_size_divisor=32),
    segmenter=dict(
        type='EncoderDecoder',
        backbone=dict(
            type='mmdet.EfficientNetLite', out_indices=(2, 3, 4, 5), frozen_stages=2, norm_eval=True,
            init_cfg=dict(type='Pretrained', checkpoint='work_dirs/efficientnet_lite1.pth')),
        neck=dict(type='FPN', in_channels=[24, 40, 112, 320], out_channels=128, num_outs=4),
        decode_head=dict(
            type='FPNHead', in_channels=[128] * 4, in_index=[0, 1, 2, 3], feature_strides=[4, 8, 16, 32], channels=64,
            num_classes=11, norm_cfg=dict(type='GN', num_groups=8)),
        test_cfg=dict(mode='whole')))
