"""Table 4b: positives change by less than 0.3, 100 queries of each stuff class are kept (GvSeg: 0.2 and 100).

Paper, on VIPSeg: VPQ 43.6, STQ 44.4. Ours, on Moving Shapes: VPQ 60.8, STQ 48.2 (seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(track_head=dict(contrastive=dict(sampler=dict(threshold=0.3), capacity=100)))
