"""BURST, exemplar-guided: trained on YouTube-VOS 2018 as in the paper, tested on the 988 validation videos by point.

``exemplar`` may be mask, box or point; boxes and points are the benchmark's own. Tree: docs/datasets.md.
"""
_base_ = './youtube_vos_2018.py'
burst_root = 'data/burst/'
exemplar = 'point'
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='BURSTDataset',
        data_root=burst_root,
        ann_file='annotations/val/all_classes.json',
        exemplar_file='annotations/val/first_frame_annotations.json',
        data_prefix=dict(img_path='frames/val'),
        test_mode=True,
        pipeline=[
            dict(type='LoadClipFrames'),
            dict(type='LoadClipAnnotations'),
            dict(type='ClipResize', short_sides=(720, )),
            dict(_base_.show, training=False, kinds=exemplar),
            dict(type='PackClipInputs')
        ]))
test_dataloader = val_dataloader
val_evaluator = dict(
    _delete_=True, type='BurstMetric', ann_file=burst_root + 'annotations/val/all_classes.json')
test_evaluator = val_evaluator
