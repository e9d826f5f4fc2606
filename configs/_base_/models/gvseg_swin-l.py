"""GvSeg at the paper's size on Swin-L; weights as for ResNet-50. COCO's Swin-L Mask2Former has 200 queries."""
_base_ = './gvseg_swin-b.py'
last_channels = 1536
model = dict(
    backbone=dict(embed_dims=192, num_heads=[6, 12, 24, 48]),
    track_head=dict(in_channels=[192, 384, 768, last_channels]))
