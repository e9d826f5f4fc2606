"""All four tasks by one set of weights, ResNet-50. Not in the paper; not run.

    tools/dist_train.sh configs/general/gvseg-general_r50_8xb2-60k_benchmarks.py 8 --cfg-options load_from=COCO_WEIGHTS
    tools/dist_test.sh configs/general/gvseg-general_r50_8xb2-60k_benchmarks.py WEIGHTS 8 --cfg-options recipe=vss
"""
_base_ = [
    '../_base_/models/gvseg_r50.py', '../_base_/models/general_recipes.py', '../_base_/datasets/general.py',
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
