"""VSS on street video with CamVid's classes, MobileNetV2. Ours: mIoU 68.3, mVC8 94.3 (projects/camvid_vss)."""
_base_ = [
    '../_base_/models/gvseg_mobilenet-v2_semantic.py', '../_base_/datasets/street.py',
    '../_base_/schedules/schedule_1k2.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))))
