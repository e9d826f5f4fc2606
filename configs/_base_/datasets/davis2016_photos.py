"""Real video for EVS: DAVIS-2016's training videos, and pseudo videos of photos (COCO, cats that look alike).

``data/davis-train`` and ``data/davis`` are laid out as DAVIS itself; ``data/coco-mini`` is any set of COCO photos
with its ``instances.json``; ``data/coco128-seg`` and ``data/feral-cat`` hold photos with YOLO polygons.
``exemplar`` is what validation shows: mask, box or point. Validation takes three of the official validation videos.
"""
davis_train_root = 'data/davis-train/'
davis_root = 'data/davis/'
exemplar = 'mask'
clip_length = 3
clip_overlap = 1
val_sequences = ['camel', 'drift-chicane', 'parkour']
# Shape-position descriptors: the leaf gives them to the head, too.
descriptor = dict(points=None, binning='soft')
exemplars = dict(type='MakeExemplars', dim=64, descriptor=descriptor)
augmentation = [
    dict(type='ClipResize', short_sides=(224, 256, 288, 336, 384)),
    dict(type='ClipRandomCrop', size=(240, 416)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotoMetricDistortion'),
    dict(exemplars, kinds=('mask', 'mask', 'box', 'point'), first_frame=0.8),
    dict(type='PackClipInputs')
]
davis = dict(
    type='DAVISDataset',
    single_object=True,
    data_prefix=dict(img_path='JPEGImages/480p', seg_map_path='Annotations/480p'))
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
    persistent_workers=True,
    sampler=dict(type='ClipDrawSampler', shares=(0.4, 0.3, 0.15, 0.15)),
    dataset=dict(
        type='ClipConcatDataset',
        datasets=[
            dict(
                davis,
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
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='ClipSampler', clip_length=clip_length, overlap=clip_overlap),
    dataset=dict(
        davis,
        data_root=davis_root,
        sequences=val_sequences,
        test_mode=True,
        pipeline=[
            dict(type='LoadClipFrames'),
            dict(type='LoadClipAnnotations'),
            dict(type='ClipResize', short_sides=(240, )),
            dict(exemplars, training=False, kinds=exemplar),
            dict(type='PackClipInputs')
        ]))
test_dataloader = val_dataloader
val_evaluator = dict(type='VideoObjectMetric', protocol='davis', label_map={1: 1, 255: 1})
test_evaluator = val_evaluator
