"""VIS on Moving Shapes, second stage: frames half as large again, centres, a higher no-object weight."""
_base_ = './gvseg-vis_tiny_1xb2-8k_moving-shapes-small.py'
load_from = 'work_dirs/gvseg-vis_tiny_1xb2-8k_moving-shapes-small/iter_8000.pth'
max_iters = 4000
train_pipeline = [
    _base_.sample_clips, *_base_.load_clips, *_base_.resize_and_crop_large, *_base_.flip_and_recolor,
    dict(type='PackClipInputs')
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
optim_wrapper = dict(optimizer=dict(lr=8e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-4, begin=200, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
num_classes, embed_dims = _base_.num_things_classes, _base_.embed_dims
model = dict(
    track_head=dict(
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.4]),
        auxiliary=dict(_delete_=True, type='AuxiliaryLosses', losses=[
            dict(type='DenseAuxiliaryLoss', embed_dims=embed_dims, num_classes=num_classes, loss_weight=4.0),
            dict(type='DenseCentreLoss', embed_dims=embed_dims, loss_weight=4.0)
        ])))
