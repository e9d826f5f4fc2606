"""40K iterations of eight videos: VidEoMT's recipe. Learning rates fall by 0.6 from block to block towards the input.

VidEoMT starts the encoder's rates 500 iterations after those of the other parts; here all warm up together.
"""
max_iters = 40000
warmup_iters = 1000
learning_rate = 1e-4

optim_wrapper = dict(
    type='OptimWrapper',
    constructor='LayerDecayConstructor',
    optimizer=dict(type='AdamW', lr=learning_rate, weight_decay=0.05),
    paramwise_cfg=dict(layer_decay=0.6),
    clip_grad=dict(max_norm=0.01, norm_type=2))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, begin=0, end=warmup_iters, by_epoch=False),
    dict(type='PolyLR', power=0.9, begin=warmup_iters, end=max_iters, by_epoch=False)
]

train_cfg = dict(type='IterBasedTrainLoop', max_iters=max_iters, val_interval=max_iters)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

auto_scale_lr = dict(enable=False, base_batch_size=8)
