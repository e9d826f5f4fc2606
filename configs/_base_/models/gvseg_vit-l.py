"""An encoder-only GvSeg at the sizes of EoMT and VidEoMT with DINOv2's ViT-L/16: queries join in the last four blocks.

All weights come from a public EoMT or VidEoMT file, converted for the config at hand (``docs/pretrained_weights.md``).
Leaves set classes, queries, associator and output.
"""
_base_ = './gvseg_r50.py'
embed_dims, num_queries = 1024, 200
blocks = dict(dim=embed_dims, num_heads=16, mlp_ratio=4.0, layer_scale=1e-5)
head = _base_.model.track_head
model = dict(
    data_preprocessor=dict(pad_size_divisor=16),
    backbone=dict(_delete_=True, type='PlainViT', blocks=dict(depth=20, **blocks), patch_size=16, grid=(40, 40)),
    track_head=dict(
        _delete_=True,
        type='JointHead',
        feat_channels=embed_dims,
        blocks=dict(depth=4, **blocks),
        num_frames=5,
        num_queries=num_queries,
        masked_attention='never',  # VidEoMT trains without; from images: 'training' and MaskAnnealingHook
        loss_cls=head.loss_cls,
        loss_mask=head.loss_mask,
        loss_dice=head.loss_dice,
        descriptor=head.descriptor,
        train_cfg=head.train_cfg),
    associator=dict(_delete_=True, type='SameQueryAssociator'))
