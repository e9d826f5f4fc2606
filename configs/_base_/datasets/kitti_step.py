"""KITTI-STEP: persons and cars, 17 stuff classes of streets. Tree: docs/datasets.md.

Frames are 375x1242. The paper tests at 720p, which is 720x2385, although its limit of 1333 pixels means 402x1333 while
training; here tests keep to that limit too. The paper's reading: ``pipeline=_base_.test_720p``.
"""
_base_ = './benchmark.py'
num_things_classes, num_stuff_classes = 2, 17
videos = dict(
    type='KITTISTEPDataset',
    data_root='data/kitti_step/',
    data_prefix=dict(img_path='train/images', seg_map_path='train/panoptic_maps'),
    pipeline=[_base_.sample_clips, *_base_.load_clips, *_base_.augment_large, dict(type='PackClipInputs')])
train_dataloader = dict(dataset=videos)
val_dataloader = dict(
    dataset=dict(
        videos,
        split='val',
        data_prefix=dict(img_path='val/images', seg_map_path='val/panoptic_maps'),
        test_mode=True,
        pipeline=[
            dict(type='LoadClipFrames'),
            dict(type='ClipResize', short_sides=(720, ), long_side=1333),
            dict(type='PackClipInputs')
        ]))
test_dataloader = val_dataloader
val_evaluator = dict(type='KITTIStepMetric')
test_evaluator = val_evaluator
