"""VSS on VSPW, ViT-L, with VidEoMT's propagated queries. Its authors' weights: mIoU 64.9, mVC16 95.0.

    tools/dist_train.sh configs/vss/gvseg-vss_vit-l_8xb1-40k_vspw.py 8 --cfg-options load_from=WEIGHTS
WEIGHTS, to start from or to test: docs/pretrained_weights.md.
"""
_base_ = [
    '../_base_/models/gvseg_vit-l.py', '../_base_/datasets/vspw_vit.py',
    '../_base_/schedules/schedule_vit_40k.py', '../default_runtime.py'
]
num_queries, num_classes, embed_dims = _base_.num_queries, _base_.num_classes, _base_.embed_dims
learned = dict(type='LearnedQueries', num_queries=num_queries, is_thing=False)
model = dict(
    backbone=dict(grid=(80, 80)),  # as their weights, trained at 1280 pixels
    task_output=dict(type='SemanticOutput'),
    track_head=dict(
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        query_initializer=dict(type='PropagatedQueries', source=learned, embed_dims=embed_dims)))
