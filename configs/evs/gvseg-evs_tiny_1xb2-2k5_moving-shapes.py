"""EVS on Moving Shapes, second stage: frames half as large again, centres; tested at 168."""
_base_ = './gvseg-evs_tiny_1xb2-8k_moving-shapes-small.py'
load_from = 'work_dirs/gvseg-evs_tiny_1xb2-8k_moving-shapes-small/iter_8000.pth'
max_iters = 2500
train_pipeline = [
    _base_.sample_clips, *_base_.load_clips, *_base_.resize_and_crop_large, *_base_.flip_and_recolor,
    _base_.train_exemplars, dict(type='PackClipInputs')
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
test_pipeline = [*_base_.load_clips, _base_.test_resize_large, _base_.test_exemplars, dict(type='PackClipInputs')]
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=8e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-4, begin=200, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
model = dict(track_head=dict(auxiliary=dict(type='DenseCentreLoss', embed_dims=_base_.embed_dims, loss_weight=4.0)))
