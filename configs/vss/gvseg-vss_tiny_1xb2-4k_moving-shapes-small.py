"""VSS on Moving Shapes, first stage: class prototypes, no shape-position cues, a queue of queries per class."""
_base_ = [
    '../_base_/models/gvseg_tiny.py', '../_base_/datasets/moving_shapes_vss.py',
    '../_base_/schedules/schedule_tiny_4k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
model = dict(
    task_output=dict(type='SemanticOutput'),
    track_head=dict(
        num_queries=11,
        num_classes=11,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * 11 + [0.1]),
        auxiliary=dict(type='DenseAuxiliaryLoss', embed_dims=64, num_classes=11, loss_weight=4.0),
        query_initializer=dict(
            type='PrototypeQueries', num_queries=11, classes=(0, 11), embed_dims=64, aligned=True),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64,
            semantic_classes=(0, 11))))
