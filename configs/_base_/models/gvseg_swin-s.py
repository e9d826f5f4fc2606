"""GvSeg at the paper's size on Swin-S: Swin-T with a deeper third stage; weights as for ResNet-50."""
_base_ = './gvseg_swin-t.py'
model = dict(backbone=dict(depths=[2, 2, 18, 2]))
