"""VIS of any video with COCO weights of Swin-S: one frame a clip, SPA matching. No training.

Weights: docs/pretrained_weights.md (a COCO instance or panoptic Mask2Former; of the latter the 80 things are taken).
"""
_base_ = [
    '../_base_/models/gvseg_swin-s.py', '../_base_/models/zero_shot_coco.py',
    '../_base_/datasets/own_video_coco.py', '../default_runtime.py'
]
test_dataloader = dict(dataset=dict(type='CocoDataset'))
num_classes = _base_.num_things_classes
model = dict(
    task_output=_base_.vis_output,
    track_head=dict(
        _base_.frame_head, num_classes=num_classes, loss_cls=dict(class_weight=[1.0] * num_classes + [0.1])))
