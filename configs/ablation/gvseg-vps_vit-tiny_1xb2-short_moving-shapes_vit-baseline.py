"""Baseline of an encoder-only network: learned queries, matched by appearance alone."""
_base_ = [
    '../_base_/models/gvseg_vit-tiny.py', '../_base_/datasets/moving_shapes_vps_ablation.py',
    '../_base_/schedules/schedule_tiny_short.py', '../default_runtime.py'
]
load_from = 'work_dirs/ablation/pretrain/vit/seed_0/iter_6000.pth'
optim_wrapper = dict(optimizer=dict(lr=3e-4))
num_queries, num_things, embed_dims = 25, _base_.num_things_classes, _base_.embed_dims
num_classes = num_things + _base_.num_stuff_classes
appearance = dict(appearance=True, shape_position=False)
model = dict(
    task_output=dict(type='PanopticOutput', num_things=num_things),
    associator=dict(thing=appearance, stuff=appearance),
    track_head=dict(
        num_queries=num_queries,
        num_classes=num_classes,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        auxiliary=dict(type='DenseAuxiliaryLoss', embed_dims=embed_dims, num_classes=num_classes, loss_weight=4.0),
        query_initializer=dict(type='LearnedQueries', num_queries=num_queries)))
