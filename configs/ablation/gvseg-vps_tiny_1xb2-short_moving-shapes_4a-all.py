"""Table 4a, row "GvSeg": everything together."""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-init.py'
stuff_classes = (_base_.num_things_classes, _base_.num_things_classes + _base_.num_stuff_classes)
model = dict(
    associator=dict(
        thing=dict(appearance=True, shape_position=True), stuff=dict(appearance=True, shape_position=False)),
    track_head=dict(
        cue_injection=dict(_delete_=True, type='PredictedCues'),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=_base_.embed_dims,
            semantic_classes=stuff_classes)))
