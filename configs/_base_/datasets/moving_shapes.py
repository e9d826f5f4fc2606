"""What the four tasks share on Moving Shapes: augmentation, samplers, clips. Each task's file adds its format."""
data_root = 'data/moving_shapes/'
clip_length = 3
clip_overlap = 0
# Half as large again at test: things are a few pixels high, and every task gains (docs/decisions.md).
test_resize = dict(type='ClipResize', short_sides=(144, ))
train_augmentation = [
    dict(type='ClipResize', ratio=(1.0, 1.35)),
    dict(type='ClipRandomCrop', size=(96, 160)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotometric')
]
# Key clip and one reference clip from anywhere in the video, with everything done but the packing.
train_steps = [
    dict(
        type='TemporalContrastiveFrameSample', clip_length=clip_length, num_references=1, scope='video',
        strides=(1, 2)),
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'), *train_augmentation
]
train_dataloader = dict(
    batch_size=2, num_workers=1, persistent_workers=True, sampler=dict(type='ClipDrawSampler'))
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='ClipSampler', clip_length=clip_length, overlap=clip_overlap))
test_dataloader = val_dataloader
