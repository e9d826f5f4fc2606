"""CamVid in crops of four fifths of a frame."""
_base_ = './camvid.py'
train_pipeline = [
    dict(type='TemporalContrastiveFrameSample', clip_length=3, num_references=1),
    dict(type='LoadClipFrames', memory=400),
    dict(type='LoadClipAnnotations', with_sem_seg=True),
    dict(type='ClipResize', short_sides=(288, 324, 360, 432, 504)),
    dict(type='ClipRandomCrop', size=(288, 384)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotoMetricDistortion'),
    dict(type='PackClipInputs')
]
train_dataloader = dict(batch_size=4, num_workers=2, dataset=dict(pipeline=train_pipeline))
