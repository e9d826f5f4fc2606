"""For networks with a pretrained backbone on one GPU: 3,000 iterations, one cycle of the learning rate."""
_base_ = './schedule_tiny.py'
max_iters = 3000
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))), clip_grad=dict(max_norm=1.0))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=150, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-3, begin=150, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
