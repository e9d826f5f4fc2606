"""Street video of your own in VSPW's layout, with the eleven classes of CamVid (values 1 to 11, 0 and 255 are void).

CamVid itself, in the layout of SegNet's tutorial, is read by ``projects/camvid_vss``.
"""
_base_ = './small_loaders.py'
classes = ('sky', 'building', 'pole', 'road', 'pavement', 'tree', 'sign', 'fence', 'car', 'pedestrian', 'cyclist')
videos = dict(
    type='VSPWDataset', data_root='data/street/', data_prefix=dict(img_path='data'), metainfo=dict(classes=classes))
sample_clips = dict(type='TemporalContrastiveFrameSample', clip_length=_base_.clip_length, num_references=1)
load_frames = dict(type='LoadClipFrames')
load_maps = [dict(type='LoadClipAnnotations', with_sem_seg=True)]
resize_and_crop = [dict(type='ClipResize', short_sides=(240, 300, 360)), dict(type='ClipRandomCrop', size=(224, 320))]
flip_and_recolor = [dict(type='ClipRandomFlip'), dict(type='ClipPhotoMetricDistortion')]
train_pipeline = [
    sample_clips, load_frames, *load_maps, *resize_and_crop, *flip_and_recolor, dict(type='PackClipInputs')
]
test_pipeline = [
    load_frames, dict(type='ClipResize', short_sides=(360, )), *load_maps, dict(type='PackClipInputs')
]
train_dataloader = dict(dataset=dict(videos, ann_file='train.txt', pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(videos, ann_file='val.txt', test_mode=True, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(type='VideoSemanticMetric')
test_evaluator = val_evaluator
