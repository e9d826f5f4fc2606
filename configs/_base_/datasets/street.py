"""Street video of your own in VSPW's layout, with the eleven classes of CamVid (values 1 to 11, 0 and 255 are void).

CamVid itself, in the layout of SegNet's tutorial, is read by ``projects/camvid_vss``.
"""
classes = ('sky', 'building', 'pole', 'road', 'pavement', 'tree', 'sign', 'fence', 'car', 'pedestrian', 'cyclist')
clip_length = 3
clip_overlap = 0
videos = dict(
    type='VSPWDataset', data_root='data/street/', data_prefix=dict(img_path='data'), metainfo=dict(classes=classes))
train_pipeline = [
    dict(type='TemporalContrastiveFrameSample', clip_length=clip_length, num_references=1),
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations', with_sem_seg=True),
    dict(type='ClipResize', short_sides=(240, 300, 360)),
    dict(type='ClipRandomCrop', size=(224, 320)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotoMetricDistortion'),
    dict(type='PackClipInputs')
]
test_pipeline = [
    dict(type='LoadClipFrames'),
    dict(type='ClipResize', short_sides=(360, )),
    dict(type='LoadClipAnnotations', with_sem_seg=True),
    dict(type='PackClipInputs')
]
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='ClipDrawSampler'),
    dataset=dict(videos, ann_file='train.txt', pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='ClipSampler', clip_length=clip_length, overlap=clip_overlap),
    dataset=dict(videos, ann_file='val.txt', test_mode=True, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(type='VideoSemanticMetric')
test_evaluator = val_evaluator
