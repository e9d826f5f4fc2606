"""Table 4e, row 3: things learn from the whole video, stuff from the same reference frames.

Paper, on VIPSeg: VPQ 43.0, STQ 43.9. Ours, on Moving Shapes: not run.
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(track_head=dict(contrastive=dict(capacity=0)))
