"""Table 4c: descriptors of 24 angles and 12 radii (GvSeg: 36 and 12).

Paper, on VIPSeg: VPQ 43.6, STQ 44.3. Ours, on Moving Shapes: not run.
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(track_head=dict(descriptor=dict(angle_bins=24, radius_bins=12)))
