"""All four tasks of Moving Shapes by one set of weights, first stage: from the network of the shipped VPS model."""
_base_ = [
    '../_base_/models/gvseg_tiny_general.py', '../_base_/datasets/moving_shapes_general.py',
    '../_base_/schedules/schedule_tiny.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
load_from = 'work_dirs/gvseg-general_tiny_start.pth'
optim_wrapper = dict(optimizer=dict(lr=8e-4))
tta_model = dict(type='GeneralGvSegTTA')
