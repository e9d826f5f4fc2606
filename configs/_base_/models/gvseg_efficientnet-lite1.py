"""GvSeg on EfficientNet-lite1: ImageNet weights, a head small enough for a CPU.

The weights: ``tools/model_converters/efficientnet_lite.py``. Batch norm keeps its ImageNet statistics and the first
stages stay frozen, as is usual for small batches.
"""
_base_ = './gvseg_tiny.py'
model = dict(
    data_preprocessor=dict(mean=[127.0, 127.0, 127.0], std=[128.0, 128.0, 128.0]),
    backbone=dict(
        _delete_=True,
        type='EfficientNetLite',
        arch='lite1',
        out_indices=(2, 3, 4, 5),
        frozen_stages=2,
        norm_eval=True,
        init_cfg=dict(type='Pretrained', checkpoint='work_dirs/efficientnet_lite1.pth')),
    track_head=dict(in_channels=[24, 40, 112, 320], pixel_decoder=dict(coarse_keys=True)))
