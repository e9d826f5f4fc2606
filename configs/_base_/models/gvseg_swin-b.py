"""GvSeg at the paper's size on Swin-B (windows of 12, trained at 384 pixels); weights as for ResNet-50."""
_base_ = './gvseg_r50.py'
last_channels = 1024
model = dict(
    backbone=dict(
        _delete_=True,
        type='SwinTransformer',
        pretrain_img_size=384,
        embed_dims=128,
        depths=[2, 2, 18, 2],
        num_heads=[4, 8, 16, 32],
        window_size=12,
        mlp_ratio=4,
        qkv_bias=True,
        drop_path_rate=0.3,
        patch_norm=True,
        out_indices=(0, 1, 2, 3)),
    track_head=dict(in_channels=[128, 256, 512, last_channels]))
