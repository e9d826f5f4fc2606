"""Encoder-only, "+ Task-oriented TCL": references from the whole video for things, a queue for stuff."""
_base_ = './gvseg-vps_vit-tiny_1xb2-short_moving-shapes_vit-baseline.py'
custom_hooks = [dict(type='QueryQueueHook')]
stuff_classes = (_base_.num_things_classes, _base_.num_things_classes + _base_.num_stuff_classes)
model = dict(
    track_head=dict(
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=_base_.embed_dims,
            semantic_classes=stuff_classes)))
