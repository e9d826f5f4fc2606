"""VPS on VIPSeg, ViT-L, with VidEoMT's propagated queries. Its authors' weights: VPQ 55.2, STQ 48.9.

    tools/dist_train.sh configs/vps/gvseg-vps_vit-l_8xb1-40k_vipseg.py 8 --cfg-options load_from=WEIGHTS
WEIGHTS, to start from or to test: docs/pretrained_weights.md.
"""
_base_ = [
    '../_base_/models/gvseg_vit-l.py', '../_base_/datasets/vipseg_vit.py',
    '../_base_/schedules/schedule_vit_40k.py', '../default_runtime.py'
]
num_queries, embed_dims, num_things = _base_.num_queries, _base_.embed_dims, _base_.num_things_classes
num_classes = num_things + _base_.num_stuff_classes
learned = dict(type='LearnedQueries', num_queries=num_queries)
model = dict(
    backbone=dict(grid=(80, 80)),  # as their weights, trained at 1280 pixels
    task_output=dict(type='PanopticOutput', num_things=num_things),
    track_head=dict(
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        query_initializer=dict(type='PropagatedQueries', source=learned, embed_dims=embed_dims)))
