"""VIS of any video with COCO weights of EoMT-L: one frame a clip, SPA matching. No training.

Weights: docs/pretrained_weights.md (a COCO instance EoMT-L, AP 45.2 by its authors, or a panoptic one).
"""
_base_ = [
    '../_base_/models/gvseg_vit-l.py', '../_base_/models/zero_shot_coco.py',
    '../_base_/datasets/own_video_coco_vit.py', '../default_runtime.py'
]
test_dataloader = dict(dataset=dict(type='CocoDataset'))
num_classes = _base_.num_things_classes
model = dict(
    task_output=_base_.vis_output,
    associator=dict(type='SPAAssociator'),
    track_head=dict(
        _base_.vit_frame_head, num_classes=num_classes, loss_cls=dict(class_weight=[1.0] * num_classes + [0.1])))
