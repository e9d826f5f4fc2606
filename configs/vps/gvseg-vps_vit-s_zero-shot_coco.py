"""VPS of any video with EoMT's COCO weights alone: learned queries, one frame a clip, SPA matching. No training.

Weights: docs/pretrained_weights.md (a COCO panoptic EoMT-S, PQ 46.7 by its authors). Things are 80 classes, stuff 53.
"""
_base_ = [
    '../_base_/models/gvseg_vit-s.py', '../_base_/datasets/own_video_coco_vit.py', '../default_runtime.py'
]
num_queries, num_things = _base_.num_queries, _base_.num_things_classes
num_classes = num_things + _base_.num_stuff_classes
model = dict(
    task_output=dict(type='PanopticOutput', num_things=num_things, min_score=0.8, min_overlap=0.8, fill_void=False),
    associator=dict(type='SPAAssociator'),
    track_head=dict(
        num_frames=1,
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        train_cfg=None,
        query_initializer=dict(type='LearnedQueries', num_queries=num_queries)))
