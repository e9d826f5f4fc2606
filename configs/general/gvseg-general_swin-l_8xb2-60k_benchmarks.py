"""All four tasks by one set of weights, Swin-L; YouTube-VIS and YouTube-VOS are tested at 480p. Not run."""
_base_ = [
    '../_base_/models/gvseg_swin-l.py', '../_base_/models/general_recipes.py', '../_base_/datasets/general_swin.py',
    '../_base_/schedules/schedule_10k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
max_iters = 60000  # those of the six data sets together
param_scheduler = dict(end=max_iters, milestones=[42000])
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
tta_model = dict(type='GeneralGvSegTTA')
model = dict(
    type='GeneralGvSeg',
    recipe=_base_.recipe,
    recipes=_base_.recipes,
    track_head=dict(type='GeneralHead', descriptor=_base_.descriptor))
