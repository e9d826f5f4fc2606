"""VIS of any video with COCO weights alone: learned queries, one frame a clip, SPA matching. No training.

Weights: docs/pretrained_weights.md (a COCO instance or panoptic Mask2Former; of the latter the 80 things are taken).
"""
_base_ = [
    '../_base_/models/gvseg_swin-t.py', '../_base_/datasets/own_video_coco.py', '../default_runtime.py'
]
num_queries, num_classes = _base_.num_queries, _base_.num_things_classes
test_dataloader = dict(dataset=dict(type='CocoDataset'))
model = dict(
    task_output=dict(type='InstanceOutput', min_score=0.3),
    track_head=dict(
        num_frames=1,
        num_queries=num_queries,
        num_classes=num_classes,
        loss_cls=dict(class_weight=[1.0] * num_classes + [0.1]),
        positional_encoding=dict(type='FrameSinePositionalEncoding'),
        cue_injection=None,
        train_cfg=None,
        query_initializer=dict(type='LearnedQueries', num_queries=num_queries)))
