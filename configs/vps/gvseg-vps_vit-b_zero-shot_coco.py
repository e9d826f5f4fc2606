"""VPS of any video with COCO weights of EoMT-B: one frame a clip, SPA matching. No training.

Weights: docs/pretrained_weights.md (a COCO panoptic EoMT-B, PQ 51.6 by its authors). Things are 80 classes, stuff 53.
"""
_base_ = [
    '../_base_/models/gvseg_vit-b.py', '../_base_/models/zero_shot_coco.py',
    '../_base_/datasets/own_video_coco_vit.py', '../default_runtime.py'
]
num_classes = _base_.num_things_classes + _base_.num_stuff_classes
model = dict(
    task_output=_base_.vps_output,
    associator=dict(type='SPAAssociator'),
    track_head=dict(
        _base_.vit_frame_head, num_classes=num_classes, loss_cls=dict(class_weight=[1.0] * num_classes + [0.1])))
