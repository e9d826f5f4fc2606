"""Table 4e, row 2: things learn from near frames, stuff from the queue over the data set.

Paper, on VIPSeg: VPQ 42.4, STQ 43.3. Ours, on Moving Shapes: not run.
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
near = [dict(_base_.train_pipeline[0], scope='near'), *_base_.train_pipeline[1:]]
train_dataloader = dict(dataset=dict(pipeline=near))
model = dict(track_head=dict(contrastive=dict(sampler=dict(_delete_=True, type='IdentityTCLSampler'))))
