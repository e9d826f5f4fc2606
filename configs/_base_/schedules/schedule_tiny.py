"""Training from scratch on two CPU cores in under an hour: one cycle of the learning rate."""
max_iters = 8000
warmup_iters = 400
learning_rate = 1.2e-3

embeddings = dict(lr_mult=1.0, decay_mult=0.0)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=learning_rate, weight_decay=0.05, eps=1e-8, betas=(0.9, 0.999)),
    paramwise_cfg=dict(
        custom_keys=dict(query_embed=embeddings, query_feat=embeddings, level_embed=embeddings),
        norm_decay_mult=0.0),
    clip_grad=dict(max_norm=0.01, norm_type=2))
# Not OneCycleLR: that gives every parameter group the same rate and so forgets lr_mult.
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=warmup_iters, by_epoch=False),
    dict(
        type='CosineAnnealingLR', eta_min_ratio=1e-4, begin=warmup_iters, end=max_iters, by_epoch=False)
]

train_cfg = dict(type='IterBasedTrainLoop', max_iters=max_iters, val_interval=max_iters)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

auto_scale_lr = dict(enable=False, base_batch_size=2)
