"""Table 4b: positives change by less than 0.1, 100 queries of each stuff class are kept (GvSeg: 0.2 and 100).

Paper, on VIPSeg: VPQ 43.3, STQ 43.9. Ours, on Moving Shapes: VPQ 61.8, STQ 50.8 (seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(track_head=dict(contrastive=dict(sampler=dict(threshold=0.1), capacity=100)))
