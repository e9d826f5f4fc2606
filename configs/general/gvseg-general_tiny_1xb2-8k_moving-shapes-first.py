"""All four tasks of Moving Shapes by one set of weights, first stage: from the network of the shipped VPS model."""
_base_ = [
    '../_base_/models/gvseg_tiny_general.py', '../_base_/datasets/moving_shapes_general.py',
    '../_base_/schedules/schedule_tiny.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
load_from = 'work_dirs/gvseg-general_tiny_start.pth'
max_iters = 8000
optim_wrapper = dict(optimizer=dict(lr=8e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=400, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-4, begin=400, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
tta_model = dict(type='GeneralGvSegTTA')
