"""Real video for EVS: DAVIS-2016's training videos, and pseudo videos of photos (COCO, cats that look alike).

``data/davis-train`` and ``data/davis`` are laid out as DAVIS itself; ``data/coco-mini`` is any set of COCO photos
with its ``instances.json``; ``data/coco128-seg`` and ``data/feral-cat`` hold photos with YOLO polygons.
Validation is that of the base: three of the official validation videos.
"""
_base_ = './davis_coco128.py'
davis_train_root = 'data/davis-train/'
augmentation = [
    dict(type='ClipResize', short_sides=(224, 256, 288, 336, 384)),
    dict(type='ClipRandomCrop', size=(240, 416)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotoMetricDistortion'),
    dict(_base_.exemplars, kinds=('mask', 'mask', 'box', 'point'), first_frame=0.8),
    dict(type='PackClipInputs')
]
photo_pipeline = [
    dict(type='TemporalContrastiveFrameSample', clip_length=1, num_references=0),
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'),
    dict(type='ClipResize', short_sides=(288, )),
    dict(type='PseudoVideo', clip_length=3, num_references=1, limits=(0.35, 25.0, 0.4), occluder=0.3, leave=0.15),
    *augmentation
]
photos = dict(type='COCOPseudoVideoDataset', pipeline=photo_pipeline)
train_dataloader = dict(
    batch_size=8,
    num_workers=3,
    sampler=dict(shares=(0.4, 0.3, 0.15, 0.15)),
    dataset=dict(
        datasets=[
            dict(
                _base_.davis,
                data_root=davis_train_root,
                ann_file='ImageSets/2016/train.txt',
                pipeline=[
                    dict(type='TemporalContrastiveFrameSample', clip_length=3, num_references=1, strides=(1, 2, 3, 5)),
                    dict(type='LoadClipFrames'),
                    dict(type='LoadClipAnnotations'), *augmentation
                ]),
            dict(photos, data_root='data/coco-mini/', ann_file='instances.json', data_prefix=dict(img_path='images')),
            dict(
                photos,
                data_root='data/coco128-seg/',
                data_prefix=dict(img_path='images/train2017', label_path='labels/train2017')),
            dict(photos, data_root='data/feral-cat/', data_prefix=dict(img_path='images', label_path='labels'))
        ]))
