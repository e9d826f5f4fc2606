"""15K iterations: YouTube-VIS and YouTube-VOS in the paper."""
_base_ = './schedule_10k.py'
max_iters = 15000

param_scheduler = dict(end=max_iters, milestones=[11000])
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
