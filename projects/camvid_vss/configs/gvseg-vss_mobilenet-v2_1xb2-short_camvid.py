"""VSS on CamVid with MobileNetV2. Ours: mIoU 68.3, mVC8 94.3, mVC16 93.8. Commands: ../README.md."""
_base_ = [
    '../../../configs/_base_/models/gvseg_mobilenet-v2_semantic.py', './schedule.py', './camvid.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))))
