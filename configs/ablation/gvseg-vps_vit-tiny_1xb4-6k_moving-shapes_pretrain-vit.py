"""Encoder-only segmenter of single frames from random weights, from which the other vit-tiny configs start."""
_base_ = './gvseg-vps_vit-tiny_1xb2-short_moving-shapes_vit-baseline.py'
load_from = None
clip_length = 1
max_iters = 6000
custom_hooks = [dict(type='MaskAnnealingHook', begin=[1000, 2500], end=[3000, 4500])]
frames = [
    dict(type='TemporalContrastiveFrameSample', clip_length=clip_length, num_references=0), *_base_.load_clips,
    *_base_.resize_and_crop, *_base_.flip_and_recolor, dict(type='PackClipInputs')
]
train_dataloader = dict(batch_size=4, dataset=dict(pipeline=frames))
optim_wrapper = dict(optimizer=dict(lr=1.2e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=300, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-2, begin=300, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
val_dataloader = dict(sampler=dict(clip_length=clip_length))
test_dataloader = val_dataloader
model = dict(track_head=dict(num_frames=1))
