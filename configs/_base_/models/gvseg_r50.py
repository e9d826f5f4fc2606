"""GvSeg at the paper's size on ResNet-50: Mask2Former's dimensions, its loss weights, the paper's descriptor and cues.

All weights come from a COCO Mask2Former: convert a public checkpoint for the config at hand
(``docs/pretrained_weights.md``) and start with ``--cfg-options load_from=work_dirs/NAME.pth``. Hence the backbone asks
for no ImageNet weights of its own. Batch norm keeps the statistics it comes with. Leaves set classes, queries,
contrastive loss and output.
"""
embed_dims = 256
# What leaves build their queries with: channels of the backbone's last level, queries, cells on a side of the grid.
last_channels = 2048
num_queries, grid = 100, 12
attention = dict(embed_dims=embed_dims, num_heads=8, dropout=0.0, batch_first=True)
feed_forward = dict(embed_dims=embed_dims, num_fcs=2, ffn_drop=0.0, act_cfg=dict(type='ReLU', inplace=True))
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
        depth=50,
        num_stages=4,
        out_indices=(0, 1, 2, 3),
        frozen_stages=-1,
        norm_cfg=dict(type='BN', requires_grad=False),
        norm_eval=True,
        style='pytorch'),
    track_head=dict(
        type='GvSegHead',
        in_channels=[256, 512, 1024, last_channels],
        strides=[4, 8, 16, 32],
        feat_channels=embed_dims,
        out_channels=embed_dims,
        num_frames=3,
        num_queries=num_queries,
        num_transformer_feat_level=3,
        # mmcv's kernel where it is compiled, plain torch elsewhere.
        pixel_decoder=dict(
            type='DeformablePixelDecoder',
            num_outs=3,
            norm_cfg=dict(type='GN', num_groups=32),
            act_cfg=dict(type='ReLU'),
            encoder=dict(
                num_layers=6,
                layer_cfg=dict(
                    self_attn_cfg=dict(attention, num_levels=3, num_points=4),
                    ffn_cfg=dict(feed_forward, feedforward_channels=4 * embed_dims))),
            positional_encoding=dict(num_feats=embed_dims // 2, normalize=True)),
        positional_encoding=dict(type='SinePositionalEncoding3D', num_feats=embed_dims // 2, normalize=True),
        transformer_decoder=dict(
            return_intermediate=True,
            num_layers=9,
            layer_cfg=dict(
                self_attn_cfg=attention,
                cross_attn_cfg=attention,
                ffn_cfg=dict(feed_forward, feedforward_channels=8 * embed_dims)),
            init_cfg=None),
        loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=False, loss_weight=2.0, reduction='mean'),
        loss_mask=dict(type='CrossEntropyLoss', use_sigmoid=True, reduction='mean', loss_weight=5.0),
        loss_dice=dict(
            type='DiceLoss', use_sigmoid=True, activate=True, reduction='mean', naive_dice=True, eps=1.0,
            loss_weight=5.0),
        descriptor=dict(points=200, binning='hard'),
        cue_injection=dict(type='GroundTruthCues'),
        # Weights 2, 5 and 5 are detectron2's, whose losses both grow with T (docs/method.md).
        train_cfg=dict(
            mask_loss_norm='detectron2',
            num_points=12544,
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
