"""All four tasks of Moving Shapes by one set of weights, second stage: more for EVS and VIS, which learn slowest."""
_base_ = './gvseg-general_tiny_1xb2-8k_moving-shapes-first.py'
load_from = 'work_dirs/gvseg-general_tiny_1xb2-8k_moving-shapes-first/iter_8000.pth'
shares = dict(vis=0.38, vss=0.06, vps=0.10, evs=0.46)
train_dataloader = dict(
    sampler=dict(shares=(shares['vis'], shares['vss'], shares['vps'], shares['evs'])))
