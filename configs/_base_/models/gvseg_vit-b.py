"""The same with DINOv2's ViT-B/16: twelve blocks, of which queries join the last three."""
_base_ = './gvseg_vit-l.py'
embed_dims = 768
blocks = dict(dim=embed_dims, num_heads=12)
model = dict(
    backbone=dict(blocks=dict(depth=9, **blocks)),
    track_head=dict(feat_channels=embed_dims, blocks=dict(depth=3, **blocks)))
