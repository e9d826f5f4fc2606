"""GvSeg on MobileNetV2: ImageNet weights, a head small enough for a CPU.

The weights come from torchvision's file (``tools/model_converters/torchvision_mobilenet_v2.py``). Batch norm keeps
its ImageNet statistics and the first stages stay frozen, as is usual for small batches.
"""
_base_ = './gvseg_tiny.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='MobileNetV2Features',
        out_indices=(1, 2, 4, 6),
        frozen_stages=2,
        norm_eval=True,
        init_cfg=dict(type='Pretrained', checkpoint='work_dirs/mobilenet_v2.pth')),
    track_head=dict(in_channels=[24, 32, 96, 320], pixel_decoder=dict(coarse_keys=True)))
