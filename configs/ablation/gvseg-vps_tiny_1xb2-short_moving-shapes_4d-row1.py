"""Table 4d, row 1: things and stuff are both linked by appearance alone.

Paper, on VIPSeg: VPQ 42.1, STQ 43.1. Ours, on Moving Shapes: VPQ 62.2, STQ 51.1 (seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4d-row2.py'
model = dict(
    associator=dict(
        thing=dict(appearance=True, shape_position=False),
        stuff=dict(appearance=True, shape_position=False)))
