"""Table 4a, row "+ Task-oriented TCL": references from the whole video for things, a queue for stuff."""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-baseline.py'
custom_hooks = [dict(type='QueryQueueHook')]
model = dict(
    track_head=dict(
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64,
            semantic_classes=(6, 11))))
