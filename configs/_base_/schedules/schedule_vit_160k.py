"""The same with 160K iterations, VidEoMT's for OVIS."""
_base_ = './schedule_vit_40k.py'
max_iters = 160000
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, begin=0, end=_base_.warmup_iters, by_epoch=False),
    dict(type='PolyLR', power=0.9, begin=_base_.warmup_iters, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
