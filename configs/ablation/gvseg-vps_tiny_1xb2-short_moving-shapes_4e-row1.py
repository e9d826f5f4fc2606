"""Table 4e, row 1: things and stuff learn from near frames.

Paper, on VIPSeg: VPQ 40.1, STQ 40.7. Ours, on Moving Shapes: VPQ 60.7, STQ 48.2 (seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
train_pipeline = [
    dict(_base_.sample_clips, scope='near'), *_base_.load_clips, *_base_.resize_and_crop, *_base_.flip_and_recolor,
    dict(type='PackClipInputs')
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
model = dict(track_head=dict(contrastive=dict(sampler=dict(_delete_=True, type='IdentityTCLSampler'), capacity=0)))
