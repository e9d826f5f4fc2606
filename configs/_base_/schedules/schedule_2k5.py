"""For networks with a pretrained backbone on CPU cores: the tiny schedule in 2,500 iterations."""
_base_ = './schedule_tiny.py'
max_iters = 2500
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-4, begin=200, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
