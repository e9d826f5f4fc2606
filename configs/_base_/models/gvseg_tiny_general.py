"""The tiny network with a recipe for each of the four tasks of Moving Shapes.

A recipe says what the config of its task says (``configs/{vis,vss,vps,evs}``). Masks have a location prior in all of
them, since the mask head is one.
"""
_base_ = './gvseg_tiny.py'
embed_dims = _base_.embed_dims
things = ('disk', 'square', 'triangle', 'star', 'cross', 'ring')
stuff = ('sky', 'grass', 'water', 'sand', 'brick')
num_things, num_classes = len(things), len(things + stuff)
grid = dict(type='GridQueries', num_queries=25, grid=5, level=-1, in_channels=embed_dims, embed_dims=embed_dims)
shown = dict(
    type='ExemplarQueries', num_queries=10, in_channels=embed_dims, embed_dims=embed_dims, level=-1, first_weight=0.0)
contrast = dict(type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=embed_dims)
dense = dict(type='DenseAuxiliaryLoss', embed_dims=embed_dims, num_classes=num_classes, loss_weight=4.0)
centre = dict(type='DenseCentreLoss', embed_dims=embed_dims, loss_weight=4.0)
model = dict(
    type='GeneralGvSeg',
    # No crop of the training is padded, so no frame of a test is: J&F 71.9 instead of 65.1 (docs/general.md).
    data_preprocessor=dict(pad_size_divisor=8),
    recipe='vps',
    track_head=dict(type='GeneralHead', localized_masks=dict()),
    recipes=dict(
        vis=dict(
            classes=things,
            no_object=0.4,
            mask_nms=dict(type='MaskNMS'),
            associator=dict(type='TrajectoryAssociator', confidence=0.2, memory=20),
            task_output=dict(type='InstanceOutput', min_score=0.2),
            track_head=dict(
                query_initializer=grid,
                contrastive=contrast,
                auxiliary=dict(type='AuxiliaryLosses', losses=[dict(dense, num_classes=num_things), centre]))),
        vss=dict(
            classes=things + stuff,
            task_output=dict(type='SemanticOutput'),
            track_head=dict(
                cue_injection=None,
                query_initializer=dict(
                    type='PrototypeQueries', num_queries=num_classes, classes=(0, num_classes), aligned=True,
                    embed_dims=embed_dims),
                contrastive=dict(contrast, semantic_classes=(0, num_classes)),
                auxiliary=dict(dense, type='BalancedDenseAuxiliaryLoss'))),
        vps=dict(
            classes=things + stuff,
            mask_nms=dict(type='MaskNMS'),
            associator=dict(type='TrajectoryAssociator', memory=20, motion_update_score_thr=0.8),
            task_output=dict(type='PanopticOutput', num_things=num_things, min_score=0.6),
            track_head=dict(
                query_initializer=dict(
                    type='CombinedQueries',
                    parts=[
                        dict(grid, classes=(0, num_things)),
                        dict(
                            type='PrototypeQueries', num_queries=len(stuff), classes=(num_things, num_classes),
                            aligned=True, embed_dims=embed_dims)
                    ]),
                contrastive=dict(contrast, semantic_classes=(num_things, num_classes)),
                auxiliary=dense)),
        evs=dict(
            classes=('object', ),
            query_block='objects',
            task_output=dict(type='ExemplarOutput'),
            track_head=dict(query_initializer=shown, contrastive=contrast, auxiliary=centre))))
