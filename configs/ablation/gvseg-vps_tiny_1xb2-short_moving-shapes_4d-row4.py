"""Table 4d, row 4: things and stuff are both linked by appearance, shape and position.

Paper, on VIPSeg: VPQ 42.9, STQ 43.4. Ours, on Moving Shapes: VPQ 62.4, STQ 51.3 (seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4d-row2.py'
model = dict(
    associator=dict(
        thing=dict(appearance=True, shape_position=True),
        stuff=dict(appearance=True, shape_position=True)))
