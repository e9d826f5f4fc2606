"""VSS on Moving Shapes, first stage: class prototypes, no shape-position cues, a queue of queries per class."""
_base_ = [
    '../_base_/models/gvseg_tiny.py', '../_base_/datasets/moving_shapes_vss.py',
    '../_base_/schedules/schedule_tiny_4k.py', '../default_runtime.py'
]
custom_hooks = [dict(type='QueryQueueHook')]
num_classes, embed_dims = _base_.num_classes, _base_.embed_dims
model = dict(
    task_output=dict(type='SemanticOutput'),
    track_head=dict(
        num_queries=num_classes,
        num_classes=num_classes,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        auxiliary=dict(type='DenseAuxiliaryLoss', embed_dims=embed_dims, num_classes=num_classes, loss_weight=4.0),
        query_initializer=dict(
            type='PrototypeQueries', num_queries=num_classes, classes=(0, num_classes), embed_dims=embed_dims,
            aligned=True),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims,
            semantic_classes=(0, num_classes))))
