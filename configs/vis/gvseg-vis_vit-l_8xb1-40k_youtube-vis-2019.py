"""VIS on YouTube-VIS 2019, ViT-L, with VidEoMT's propagated queries. Its authors' weights: AP 68.6.

    tools/dist_train.sh configs/vis/gvseg-vis_vit-l_8xb1-40k_youtube-vis-2019.py 8 --cfg-options load_from=WEIGHTS
WEIGHTS, to start from or to test: docs/pretrained_weights.md.
"""
_base_ = [
    '../_base_/models/gvseg_vit-l.py', '../_base_/datasets/youtube_vis_2019_vit.py',
    '../_base_/schedules/schedule_vit_40k.py', '../default_runtime.py'
]
num_queries, num_classes, embed_dims = _base_.num_queries, _base_.num_things_classes, _base_.embed_dims
learned = dict(type='LearnedQueries', num_queries=num_queries)
model = dict(
    task_output=dict(type='InstanceOutput'),
    class_mean=dict(type='SlotClassMean'),
    track_head=dict(
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        query_initializer=dict(type='PropagatedQueries', source=learned, embed_dims=embed_dims)))
