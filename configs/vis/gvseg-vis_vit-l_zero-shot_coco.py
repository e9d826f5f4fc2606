"""VIS of any video with EoMT's COCO weights alone: learned queries, one frame a clip, SPA matching. No training.

Weights: docs/pretrained_weights.md (a COCO instance EoMT-L, AP 45.2 by its authors, or a panoptic one).
"""
_base_ = [
    '../_base_/models/gvseg_vit-l.py', '../_base_/datasets/own_video_coco_vit.py', '../default_runtime.py'
]
num_queries, num_classes = _base_.num_queries, _base_.num_things_classes
test_dataloader = dict(dataset=dict(type='CocoDataset'))
model = dict(
    task_output=dict(type='InstanceOutput', min_score=0.3),
    associator=dict(type='SPAAssociator'),
    track_head=dict(
        num_frames=1,
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        train_cfg=None,
        query_initializer=dict(type='LearnedQueries', num_queries=num_queries)))
