"""Fine-tuning for ablations: a quarter of the learning rate, from a pre-trained segmenter of frames."""
_base_ = './schedule_tiny.py'
max_iters = 1500
optim_wrapper = dict(optimizer=dict(lr=3e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=100, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-2, begin=100, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
