"""Table 4b: positives change by less than 0.3, 200 queries of each stuff class are kept (GvSeg: 0.2 and 100).

Paper, on VIPSeg: VPQ 43.7, STQ 44.6. Ours, on Moving Shapes: VPQ 61.0, STQ 48.5 (seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(track_head=dict(contrastive=dict(sampler=dict(threshold=0.3), capacity=200)))
