"""An encoder-only GvSeg for small videos on a CPU: patches of 8 pixels, D = 128, five blocks, queries in the last two.

Random weights at the start: a convolutional stem, because a linear map of patches learns too slowly for an hour.
Leaves set the classes, queries, associator and output.
"""
_base_ = './gvseg_tiny.py'
embed_dims = 128
blocks = dict(dim=embed_dims, num_heads=4, mlp_ratio=3.0)
model = dict(
    data_preprocessor=dict(pad_size_divisor=8),
    backbone=dict(
        _delete_=True,
        type='PlainViT',
        blocks=dict(depth=3, **blocks),
        patch_size=8,
        grid=(12, 20),
        num_registers=0,
        stem=dict(channels=24)),
    track_head=dict(
        _delete_=True,
        type='JointHead',
        feat_channels=embed_dims,
        blocks=dict(depth=2, **blocks),
        num_upscalings=1,
        waves=dict(scale=37.7, temperature=20),
        num_frames=3,
        num_queries=20,
        loss_cls=_base_.model.track_head.loss_cls,
        loss_mask=_base_.model.track_head.loss_mask,
        loss_dice=_base_.model.track_head.loss_dice,
        descriptor=_base_.model.track_head.descriptor,
        cue_injection=_base_.model.track_head.cue_injection,
        train_cfg=_base_.model.track_head.train_cfg))
