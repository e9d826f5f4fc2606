"""Class queries beside a semantic branch: that of the baseline, semantic FPN."""
query_initializer = dict(
    type='SemanticPriorQueries',
    num_queries=11,
    classes=(0, 11),
    embed_dims=64,
    aligned=True,
    neck=dict(type='FPN', in_channels=[24, 32, 96, 320], out_channels=128, num_outs=4),
    head=dict(
        type='mmseg.FPNHead', in_channels=[128] * 4, in_index=[0, 1, 2, 3], feature_strides=[4, 8, 16, 32], channels=64,
        norm_cfg=dict(type='GN', num_groups=8)))
