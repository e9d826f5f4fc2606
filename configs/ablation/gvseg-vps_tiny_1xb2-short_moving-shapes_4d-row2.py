"""Table 4d, row 2: things are linked by appearance, shape and position, stuff by appearance.

Stuff queries are linked among one another, and a slot's class is the mean over its clips, so that links of stuff
count. Weights are those of 4a-all. Paper, on VIPSeg: VPQ 44.0, STQ 44.9. Ours, on Moving Shapes: VPQ 62.4, STQ 51.3
(seed 0).
"""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(class_mean=dict(type='SlotClassMean'), associator=dict(link_stuff=True))
