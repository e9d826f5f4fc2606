"""GvSeg for small videos on a CPU: ResNet-18 with a fourth of its channels, D = 64, three decoder layers.

Random weights at the start; group norm, because a batch of a few clips is too small for batch norm and because it makes
the loss independent of how a batch is cut over processes. Leaves set the classes, queries, associator and output.
"""
embed_dims = 64
# Waves down to a sixth of the frame: things are an eighth of it high, and COCO's single wave can hardly place them.
waves = dict(normalize=True, scale=37.7, temperature=20, offset=-0.5)
model = dict(
    type='GvSeg',
    data_preprocessor=dict(
        type='TrackDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_mask=True,
        pad_size_divisor=32),
    backbone=dict(
        type='ResNet',
        depth=18,
        base_channels=20,
        stem_channels=20,
        out_indices=(0, 1, 2, 3),
        norm_cfg=dict(type='GN', num_groups=4),
        norm_eval=False),
    track_head=dict(
        type='GvSegHead',
        in_channels=[20, 40, 80, 160],
        strides=[4, 8, 16, 32],
        feat_channels=embed_dims,
        out_channels=embed_dims,
        num_frames=3,
        num_queries=20,
        num_transformer_feat_level=3,
        pixel_decoder=dict(
            type='DensePixelDecoder',
            num_outs=3,
            norm_cfg=dict(type='GN', num_groups=8),
            act_cfg=dict(type='ReLU'),
            encoder=dict(
                num_layers=2,
                layer_cfg=dict(
                    self_attn_cfg=dict(
                        embed_dims=embed_dims, num_heads=4, num_levels=3, num_points=4, dropout=0.0, batch_first=True),
                    ffn_cfg=dict(
                        embed_dims=embed_dims,
                        feedforward_channels=4 * embed_dims,
                        num_fcs=2,
                        ffn_drop=0.0,
                        act_cfg=dict(type='ReLU', inplace=True)))),
            placed=True,
            positional_encoding=dict(num_feats=embed_dims // 2, **waves)),
        positional_encoding=dict(type='SinePositionalEncoding3D', num_feats=embed_dims // 2, **waves),
        transformer_decoder=dict(
            return_intermediate=True,
            num_layers=3,
            layer_cfg=dict(
                self_attn_cfg=dict(embed_dims=embed_dims, num_heads=4, dropout=0.0, batch_first=True),
                cross_attn_cfg=dict(embed_dims=embed_dims, num_heads=4, dropout=0.0, batch_first=True),
                ffn_cfg=dict(
                    embed_dims=embed_dims,
                    feedforward_channels=4 * embed_dims,
                    num_fcs=2,
                    ffn_drop=0.0,
                    act_cfg=dict(type='ReLU', inplace=True))),
            init_cfg=None),
        # mmdet divides the mask loss of T frames by 1/T and sums over T: its effective weight is T * T, dice's is T.
        loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=False, loss_weight=4.0, reduction='mean'),
        loss_mask=dict(type='CrossEntropyLoss', use_sigmoid=True, reduction='mean', loss_weight=1.0),
        loss_dice=dict(
            type='DiceLoss', use_sigmoid=True, activate=True, reduction='mean', naive_dice=True, eps=1.0,
            loss_weight=2.0),
        descriptor=dict(points=None, binning='soft'),
        cue_injection=dict(type='PredictedCues'),
        train_cfg=dict(
            num_points=512,
            oversample_ratio=3.0,
            importance_sample_ratio=0.75,
            assigner=dict(
                type='HungarianAssigner',
                match_costs=[
                    dict(type='ClassificationCost', weight=2.0),
                    dict(type='CrossEntropyLossCost', weight=5.0, use_sigmoid=True),
                    dict(type='DiceCost', weight=5.0, pred_act=True, eps=1.0)
                ]),
            sampler=dict(type='MaskPseudoSampler'))),
    associator=dict(type='SPAAssociator'))
