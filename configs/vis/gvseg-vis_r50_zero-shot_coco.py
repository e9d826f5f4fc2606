"""VIS of any video with COCO weights alone: learned queries, one frame a clip, SPA matching. No training.

Weights: docs/pretrained_weights.md (a COCO instance or panoptic Mask2Former; of the latter the 80 things are taken).
"""
_base_ = [
    '../_base_/models/gvseg_r50.py', '../_base_/datasets/own_video_coco.py', '../default_runtime.py'
]
test_dataloader = dict(dataset=dict(type='CocoDataset'))
model = dict(
    task_output=dict(type='InstanceOutput', min_score=0.3),
    track_head=dict(
        num_frames=1,
        num_queries=100,
        num_classes=80,
        loss_cls=dict(class_weight=[1.0] * 80 + [0.1]),
        positional_encoding=dict(type='FrameSinePositionalEncoding'),
        cue_injection=None,
        train_cfg=None,
        query_initializer=dict(type='LearnedQueries', num_queries=100)))
