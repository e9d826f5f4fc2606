"""All four tasks of Moving Shapes by one set of weights, third stage: VIS and EVS once more, from a high rate down."""
_base_ = './gvseg-general_tiny_1xb2-8k_moving-shapes-first.py'
load_from = 'work_dirs/gvseg-general_tiny_1xb2-8k_moving-shapes-second/iter_8000.pth'
shares = dict(vis=0.45, vss=0.04, vps=0.08, evs=0.43)
max_iters = 6000
train_dataloader = dict(
    sampler=dict(shares=(shares['vis'], shares['vss'], shares['vps'], shares['evs'])))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=1e-4, begin=200, end=max_iters, by_epoch=False)
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
