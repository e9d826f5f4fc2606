"""CamVid: what differs from Moving Shapes as a VSS dataset."""
_base_ = ['../../../configs/_base_/datasets/moving_shapes_vss.py', '../../../configs/default_runtime.py']
custom_imports = dict(
    imports=[*_base_.custom_imports.imports, 'projects.camvid_vss.camvid', 'projects.camvid_vss.per_frame'])
data = dict(_delete_=True, type='CamVidDataset', data_root='data/camvid/')
train_pipeline = [
    dict(type='TemporalContrastiveFrameSample', clip_length=3, num_references=1),
    dict(type='LoadClipFrames', memory=400),
    dict(type='LoadClipAnnotations', with_sem_seg=True),
    dict(type='ClipResize', short_sides=(240, 300, 360)),
    dict(type='ClipRandomCrop', size=(224, 320)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotoMetricDistortion'),
    dict(type='PackClipInputs')
]
train_dataloader = dict(dataset=dict(data, split='train', pipeline=train_pipeline))
test_pipeline = [
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations', with_sem_seg=True),
    dict(type='PackClipInputs')
]
val_dataloader = dict(dataset=dict(data, split='val', test_mode=True, pipeline=test_pipeline))
test_dataloader = val_dataloader
