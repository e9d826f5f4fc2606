"""Table 4e, row 1: things and stuff learn from near frames.

Paper, on VIPSeg: VPQ 40.1, STQ 40.7. Ours, on Moving Shapes: not run.
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
near = [dict(_base_.train_pipeline[0], scope='near'), *_base_.train_pipeline[1:]]
train_dataloader = dict(dataset=dict(pipeline=near))
model = dict(track_head=dict(contrastive=dict(sampler=dict(_delete_=True, type='IdentityTCLSampler'), capacity=0)))
