"""GvSeg at the paper's size on Swin-T (windows of 7, trained at 224 pixels); weights as for ResNet-50."""
_base_ = './gvseg_swin-b.py'
last_channels = 768
model = dict(
    backbone=dict(pretrain_img_size=224, embed_dims=96, depths=[2, 2, 6, 2], num_heads=[3, 6, 12, 24], window_size=7),
    track_head=dict(in_channels=[96, 192, 384, last_channels]))
