"""For networks with a pretrained backbone on one CPU core, in pieces: 6,000 iterations, usable before their end.

Every checkpoint holds a mean of the weights (EMA); ``--resume`` goes on from the weights themselves.
"""
_base_ = './schedule_tiny.py'
max_iters = 6000
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-2, begin=200, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
custom_hooks = [dict(type='EMAHook', ema_type='ExpMomentumEMA', momentum=2e-3, gamma=200)]
