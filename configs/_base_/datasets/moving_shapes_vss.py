"""Moving Shapes in VSPW format: eleven classes, things among them."""
data_root = 'data/moving_shapes/'
classes = ('disk', 'square', 'triangle', 'star', 'cross', 'ring', 'sky', 'grass', 'water', 'sand', 'brick')
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
test_pipeline = [
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations', with_sem_seg=True),
    dict(type='PackClipInputs')
]
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='ClipDrawSampler'),
    dataset=dict(
        type='VSPWDataset',
        data_root=data_root + 'train/vspw',
        ann_file='train.txt',
        data_prefix=dict(img_path='data'),
        metainfo=dict(classes=classes),
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
        type='VSPWDataset',
        data_root=data_root + 'val/vspw',
        ann_file='val.txt',
        data_prefix=dict(img_path='data'),
        metainfo=dict(classes=classes),
        test_mode=True,
        pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(type='VideoSemanticMetric')
test_evaluator = val_evaluator
