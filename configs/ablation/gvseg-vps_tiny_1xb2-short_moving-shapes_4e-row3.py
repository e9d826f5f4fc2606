"""Table 4e, row 3: things learn from the whole video, stuff from near frames.

Paper, on VIPSeg: VPQ 43.0, STQ 43.9. Ours, on Moving Shapes: VPQ 61.6, STQ 49.9 (seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
train_pipeline = [
    dict(_base_.sample_clips, num_near_references=1), *_base_.load_clips, *_base_.resize_and_crop,
    *_base_.flip_and_recolor, dict(type='PackClipInputs')
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
model = dict(track_head=dict(contrastive=dict(capacity=0, near_references=1)))
