"""Real video for EVS: DAVIS sequences and pseudo videos made from COCO photos.

``exemplar`` is what validation shows: mask, box or point. Three of the twelve public sequences are held out.
"""
_base_ = './small_loaders.py'
davis_root = 'data/davis/'
coco_root = 'data/coco128-seg/'
exemplar = 'mask'
clip_overlap = 1
train_sequences = [
    'blackswan', 'bmx-trees', 'cows', 'dance-twirl', 'goat', 'kite-surf', 'motocross-jump', 'car-roundabout',
    'scooter-black'
]
val_sequences = ['camel', 'drift-chicane', 'parkour']
# Shape-position descriptors: the leaf gives them to the head, too.
descriptor = dict(points=None, binning='soft')
exemplars = dict(type='MakeExemplars', dim=64, descriptor=descriptor)
augmentation = [
    dict(type='ClipResize', short_sides=(160, 192, 224, 256)),
    dict(type='ClipRandomCrop', size=(160, 272)),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotoMetricDistortion'),
    dict(exemplars, kinds=('mask', 'box', 'point'), first_frame=0.8),
    dict(type='PackClipInputs')
]
davis = dict(
    type='DAVISDataset',
    data_root=davis_root,
    single_object=True,
    data_prefix=dict(img_path='JPEGImages/480p', seg_map_path='Annotations/480p'))
train_dataloader = dict(
    sampler=dict(shares=(0.5, 0.5)),
    dataset=dict(
        type='ClipConcatDataset',
        datasets=[
            dict(
                davis,
                sequences=train_sequences,
                pipeline=[
                    dict(type='TemporalContrastiveFrameSample', clip_length=3, num_references=1, strides=(1, 2, 3)),
                    dict(type='LoadClipFrames'),
                    dict(type='LoadClipAnnotations'), *augmentation
                ]),
            dict(
                type='COCOPseudoVideoDataset',
                data_root=coco_root,
                data_prefix=dict(img_path='images/train2017', label_path='labels/train2017'),
                pipeline=[
                    dict(type='TemporalContrastiveFrameSample', clip_length=1, num_references=0),
                    dict(type='LoadClipFrames'),
                    dict(type='LoadClipAnnotations'),
                    dict(type='PseudoVideo', clip_length=3, num_references=1), *augmentation
                ])
        ]))
val_dataloader = dict(
    sampler=dict(overlap=clip_overlap),
    dataset=dict(
        davis,
        sequences=val_sequences,
        test_mode=True,
        pipeline=[
            dict(type='LoadClipFrames'),
            dict(type='LoadClipAnnotations'),
            dict(type='ClipResize', short_sides=(336, )),
            dict(exemplars, training=False, kinds=exemplar),
            dict(type='PackClipInputs')
        ]))
test_dataloader = val_dataloader
val_evaluator = dict(type='VideoObjectMetric', protocol='davis', label_map={1: 1, 255: 1})
test_evaluator = val_evaluator
