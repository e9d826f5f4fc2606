"""Table 4c: descriptors of 12 angles and 6 radii (GvSeg: 36 and 12).

Paper, on VIPSeg: VPQ 43.1, STQ 43.8. Ours, on Moving Shapes: not run.
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(track_head=dict(descriptor=dict(angle_bins=12, radius_bins=6)))
