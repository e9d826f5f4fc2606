"""VSS on CamVid with EfficientNet-lite1: classes compete for each pixel in training, too. Commands: ../README.md."""
_base_ = ['../../../configs/_base_/models/gvseg_efficientnet-lite1.py', './schedule_gpu.py', './camvid_large.py']
custom_hooks = [dict(type='QueryQueueHook')]
model = dict(
    task_output=dict(type='SemanticOutput', competition='softmax'),
    track_head=dict(
        num_queries=11,
        num_classes=11,
        cue_injection=None,
        loss_cls=dict(class_weight=[1.0] * 11 + [0.1]),
        auxiliary=dict(
            type='AuxiliaryLosses',
            losses=[
                dict(type='DenseAuxiliaryLoss', embed_dims=64, num_classes=11, loss_weight=2.0),
                dict(type='SemanticMaskLoss', loss_weight=8.0)
            ]),
        query_initializer=dict(type='PrototypeQueries', num_queries=11, classes=(0, 11), embed_dims=64, aligned=True),
        contrastive=dict(
            type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'), embed_dims=64,
            semantic_classes=(0, 11))))
