"""Moving Shapes in VIPSeg format: six thing and five stuff classes."""
data_root = 'data/moving_shapes/'
train_augmentation = [
    dict(type='ClipResize', ratio=(1.0, 1.35)),
    dict(type='ClipRandomCrop', size=(96, 160)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotometric')
]
train_pipeline = [
    dict(type='TemporalContrastiveFrameSample', clip_length=3, num_references=1, scope='video', strides=(1, 2)),
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'),
    *train_augmentation,
    dict(type='PackClipInputs')
]
test_pipeline = [dict(type='LoadClipFrames'), dict(type='PackClipInputs')]
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='ClipDrawSampler'),
    dataset=dict(
        type='VIPSegDataset',
        data_root=data_root + 'train/vipseg',
        ann_file='panoptic_gt.json',
        data_prefix=dict(img_path='imgs', seg_map_path='panomasksRGB'),
        pipeline=train_pipeline))
clip_length = 3
clip_overlap = 0
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='ClipSampler', clip_length=clip_length, overlap=clip_overlap),
    dataset=dict(
        type='VIPSegDataset',
        data_root=data_root + 'val/vipseg',
        ann_file='panoptic_gt.json',
        data_prefix=dict(img_path='imgs', seg_map_path='panomasksRGB'),
        test_mode=True,
        pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='VideoPanopticMetric',
    ann_file=data_root + 'val/vipseg/panoptic_gt.json',
    seg_prefix=data_root + 'val/vipseg/panomasksRGB')
test_evaluator = val_evaluator
