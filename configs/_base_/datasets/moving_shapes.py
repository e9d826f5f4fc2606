"""What the four tasks share on Moving Shapes: augmentation, samplers, clips. Each task's file adds its format.

Pipelines are made of the named parts below: a config that changes a step takes the other parts by name.
"""
_base_ = './small_loaders.py'
data_root = 'data/moving_shapes/'
num_things_classes, num_stuff_classes = 6, 5
# Half as large again at test: things are a few pixels high, and every task gains (docs/method.md).
test_resize = dict(type='ClipResize', short_sides=(144, ))
# Shape-position descriptors: leaves give them to the head, too.
descriptor = dict(points=None, binning='soft')
# Key clip and one reference clip from anywhere in the video.
sample_clips = dict(
    type='TemporalContrastiveFrameSample',
    clip_length=_base_.clip_length,
    num_references=1,
    scope='video',
    strides=(1, 2))
load_clips = [dict(type='LoadClipFrames'), dict(type='LoadClipAnnotations')]
resize_and_crop = [dict(type='ClipResize', ratio=(1.0, 1.35)), dict(type='ClipRandomCrop', size=(96, 160))]
flip_and_recolor = [dict(type='ClipRandomFlip'), dict(type='ClipPhotoMetricDistortion')]
# Everything but exemplars and packing.
train_steps = [sample_clips, *load_clips, *resize_and_crop, *flip_and_recolor]
# The second training stage enlarges frames, and is tested on larger ones.
resize_and_crop_large = [dict(type='ClipResize', ratio=(1.4, 1.9)), dict(type='ClipRandomCrop', size=(144, 240))]
test_resize_large = dict(type='ClipResize', short_sides=(168, ))
