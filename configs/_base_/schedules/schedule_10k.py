"""10K iterations: OVIS, VSPW, VIPSeg and KITTI-STEP in the paper."""
max_iters = 10000
# The paper's text says 0.001, ten times what Mask2Former uses with the same optimiser and batch.
# It may be a slip: if the loss grows, take Mask2Former's 0.0001 with
# `--cfg-options optim_wrapper.optimizer.lr=0.0001`.
learning_rate = 0.001

embeddings = dict(lr_mult=1.0, decay_mult=0.0)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=learning_rate, weight_decay=0.05, eps=1e-8, betas=(0.9, 0.999)),
    paramwise_cfg=dict(
        custom_keys=dict(
            backbone=dict(lr_mult=0.1, decay_mult=1.0),
            query_embed=embeddings,
            query_feat=embeddings,
            level_embed=embeddings),
        norm_decay_mult=0.0),
    clip_grad=dict(max_norm=0.01, norm_type=2))
param_scheduler = dict(
    type='MultiStepLR', begin=0, end=max_iters, by_epoch=False, milestones=[7000], gamma=0.1)

# One validation, at the end: on long videos it takes as long as thousands of iterations.
train_cfg = dict(type='IterBasedTrainLoop', max_iters=max_iters, val_interval=max_iters)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

auto_scale_lr = dict(enable=False, base_batch_size=16)
