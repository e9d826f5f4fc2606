"""VPS of any video with COCO weights alone: learned queries, one frame a clip, SPA matching. No training.

Weights: docs/pretrained_weights.md (a COCO panoptic Mask2Former). Things are 80 classes, stuff 53.
"""
_base_ = [
    '../_base_/models/gvseg_swin-b.py', '../_base_/datasets/own_video_coco.py', '../default_runtime.py'
]
model = dict(
    task_output=dict(type='PanopticOutput', num_things=80, min_score=0.8, min_overlap=0.8, fill_void=False),
    track_head=dict(
        num_frames=1,
        num_queries=100,
        num_classes=133,
        loss_cls=dict(class_weight=[1.0] * 133 + [0.1]),
        positional_encoding=dict(type='FrameSinePositionalEncoding'),
        cue_injection=None,
        train_cfg=None,
        query_initializer=dict(type='LearnedQueries', num_queries=100)))
