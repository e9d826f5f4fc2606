"""Table 4d, row 3: stuff is linked by appearance, shape and position, things by appearance.

Paper, on VIPSeg: VPQ 41.7, STQ 42.8. Ours, on Moving Shapes: VPQ 62.2, STQ 51.1 (seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4d-row2.py'
model = dict(
    associator=dict(
        thing=dict(appearance=True, shape_position=False),
        stuff=dict(appearance=True, shape_position=True)))
