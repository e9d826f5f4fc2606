"""Six iterations on eight points, a checkpoint every three."""

default_scope = 'mmdet'
custom_imports = dict(imports=['toy_parts', 'gvseg.engine'], allow_failed_imports=False)
model = dict(type='ToyClassifier', num_classes=2)
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(type='ToyPoints', size=8),
    collate_fn=dict(type='pseudo_collate'),
)
train_cfg = dict(type='IterBasedTrainLoop', max_iters=6, val_interval=6)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.05), clip_grad=dict(max_norm=1.0))
param_scheduler = dict(type='MultiStepLR', by_epoch=False, milestones=[4], gamma=0.1)
test_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='ToyPoints', size=8),
    collate_fn=dict(type='pseudo_collate'),
)
test_cfg = dict(type='TestLoop')
test_evaluator = dict(type='ToyAccuracy')
default_hooks = dict(
    average_loss=dict(type='AverageLossHook'),
    logger=dict(type='LoggerHook', interval=1),
    finite_loss=dict(type='FiniteLossHook', interval=1),
    checkpoint=dict(type='AtomicCheckpointHook', by_epoch=False, interval=3, save_last=True),
)
log_processor = dict(type='LogProcessor', window_size=1, by_epoch=False)
env_cfg = dict(mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0), dist_cfg=dict(backend='nccl'))
randomness = dict(seed=0, diff_rank_seed=False)
auto_scale_lr = dict(enable=False, base_batch_size=4)
