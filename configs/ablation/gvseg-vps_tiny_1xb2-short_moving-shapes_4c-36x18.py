"""Table 4c: descriptors of 36 angles and 18 radii (GvSeg: 36 and 12).

Paper, on VIPSeg: VPQ 43.9, STQ 45.0. Ours, on Moving Shapes: not run.
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(track_head=dict(descriptor=dict(angle_bins=36, radius_bins=18)))
