"""Table 4b: positives change by less than 0.2, 200 queries of each stuff class are kept (GvSeg: 0.2 and 100).

Paper, on VIPSeg: VPQ 44.1, STQ 45.1. Ours, on Moving Shapes: VPQ 61.7, STQ 50.1 (seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(track_head=dict(contrastive=dict(sampler=dict(threshold=0.2), capacity=200)))
