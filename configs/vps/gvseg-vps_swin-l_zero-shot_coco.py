"""VPS of any video with COCO weights of Swin-L: one frame a clip, SPA matching. No training.

Weights: docs/pretrained_weights.md (a COCO panoptic Mask2Former). Things are 80 classes, stuff 53.
"""
_base_ = [
    '../_base_/models/gvseg_swin-l.py', '../_base_/models/zero_shot_coco.py',
    '../_base_/datasets/own_video_coco.py', '../default_runtime.py'
]
num_classes = _base_.num_things_classes + _base_.num_stuff_classes
num_queries = 200
model = dict(
    task_output=_base_.vps_output,
    track_head=dict(
        _base_.frame_head,
        num_queries=num_queries,
        query_initializer=dict(type='LearnedQueries', num_queries=num_queries),
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1])))
