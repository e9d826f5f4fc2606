"""Row "init" of table 4a with Eq. 8 as written: what comes from the grid replaces the learned queries."""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-init.py'
load_from = 'work_dirs/ablation/pretrain/grid/seed_0/iter_3600.pth'
things = dict(_base_.things, residual=False)
model = dict(track_head=dict(query_initializer=dict(parts=[things, _base_.stuff])))
