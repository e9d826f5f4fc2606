"""For networks with a pretrained backbone on CPU cores: the tiny schedule in 1,200 iterations."""
_base_ = './schedule_tiny.py'
max_iters = 1200
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=100, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-4, begin=100, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
