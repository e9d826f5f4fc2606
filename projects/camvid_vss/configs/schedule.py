"""Twice the short schedule: half an hour on a CPU, the same for GvSeg and the baseline."""
_base_ = '../../../configs/_base_/schedules/schedule_tiny_short.py'
max_iters = 1200
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=100, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-4, begin=100, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
