"""Moving Shapes in YouTube-VOS format: objects that are shown by a mask, a box or a point.

``exemplar`` is what validation shows: mask, box or point.
"""
data_root = 'data/moving_shapes/'
exemplar = 'mask'
exemplars = dict(type='MakeExemplars', dim=64, descriptor=dict(points=None, binning='soft'))
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
    dict(exemplars, kinds=('mask', 'box', 'point'), first_frame=0.8),
    dict(type='PackClipInputs')
]
test_pipeline = [
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'),
    dict(exemplars, training=False, kinds=exemplar),
    dict(type='PackClipInputs')
]
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='ClipDrawSampler'),
    dataset=dict(
        type='YouTubeVOSDataset',
        data_root=data_root + 'train/ytvos',
        ann_file='meta.json',
        data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations'),
        pipeline=train_pipeline))
clip_length = 3
clip_overlap = 1
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='ClipSampler', clip_length=clip_length, overlap=clip_overlap),
    dataset=dict(
        type='YouTubeVOSDataset',
        data_root=data_root + 'val/ytvos',
        ann_file='meta.json',
        data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations'),
        test_mode=True,
        pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(type='VideoObjectMetric', protocol='youtube_vos', meta_file=data_root + 'val/ytvos/meta.json')
test_evaluator = val_evaluator
