"""As ``davis2016_photos.py`` for one CPU core: clips of two frames without references, small crops, more points.

Photos are seen both ways: their objects move over a filled background, or the camera moves and every object is
labelled.
"""
_base_ = './davis2016_photos.py'
augmentation = [
    dict(type='ClipResize', short_sides=(192, 224, 256, 288, 320)),
    dict(type='ClipRandomCrop', size=(192, 336)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotoMetricDistortion'),
    dict(_base_.exemplars, kinds=('mask', 'box', 'point', 'point'), first_frame=0.8),
    dict(type='PackClipInputs')
]
clips = dict(clip_length=2, num_references=0)
photo = [
    dict(type='TemporalContrastiveFrameSample', clip_length=1, num_references=0),
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'),
    dict(type='ClipResize', short_sides=(288, ))
]
moving = dict(type='PseudoVideo', limits=(0.35, 25.0, 0.4), occluder=0.3, leave=0.15, **clips)
moving_photo = [*photo, moving, *augmentation]
camera_photo = [*photo, dict(type='CameraPseudoVideo', **clips), *augmentation]
photos = dict(type='COCOPseudoVideoDataset')
coco_mini = dict(
    photos, data_root='data/coco-mini/', ann_file='instances.json', data_prefix=dict(img_path='images'))
coco128 = dict(
    photos, data_root='data/coco128-seg/',
    data_prefix=dict(img_path='images/train2017', label_path='labels/train2017'))
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    sampler=dict(shares=(0.4, 0.15, 0.15, 0.1, 0.1, 0.1)),
    dataset=dict(
        datasets=[
            dict(
                _base_.davis,
                data_root='data/davis-train/',
                ann_file='ImageSets/2016/train.txt',
                pipeline=[
                    dict(type='TemporalContrastiveFrameSample', strides=(1, 2, 3, 5), **clips),
                    dict(type='LoadClipFrames'),
                    dict(type='LoadClipAnnotations'), *augmentation
                ]),
            dict(coco_mini, pipeline=moving_photo), dict(coco_mini, pipeline=camera_photo),
            dict(coco128, pipeline=moving_photo), dict(coco128, pipeline=camera_photo),
            dict(
                photos, data_root='data/feral-cat/', data_prefix=dict(img_path='images', label_path='labels'),
                pipeline=moving_photo)
        ]))
