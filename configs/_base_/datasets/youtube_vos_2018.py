"""YouTube-VOS 2018 with COCO pseudo videos, at the sizes for ResNet. Tree: docs/datasets.md.

As in the paper, training shows masks and points, validation masks; ``exemplar`` may be mask, box or point.
``valid`` has the truth of first frames only: testing writes a folder to submit. A local score: `..._local.py`
beside the leaf.
"""
_base_ = './benchmark.py'
data_root = 'data/youtube_vos_2018/'
clip_overlap = 1
exemplar = 'mask'
show = dict(type='MakeExemplars', dim=256, descriptor=_base_.descriptor)
show_some = dict(show, kinds=('mask', 'point'))
test_pipeline = [
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'),
    dict(type='ClipResize', short_sides=(360, )),
    dict(show, training=False, kinds=exemplar),
    dict(type='PackClipInputs')
]
videos = dict(
    type='YouTubeVOSDataset',
    data_root=data_root,
    ann_file='train/meta.json',
    data_prefix=dict(img_path='train/JPEGImages', seg_map_path='train/Annotations'),
    pipeline=[
        _base_.sample_clips, *_base_.load_clips, *_base_.augment_resnet, show_some, dict(type='PackClipInputs')
    ])
photos = dict(
    type='COCOPseudoVideoDataset',
    data_root='data/coco/',
    ann_file='annotations/pseudo_train2017.json',
    data_prefix=dict(img_path='train2017'),
    pipeline=[*_base_.sample_moving_objects, *_base_.augment_resnet, show_some, dict(type='PackClipInputs')])
# At the sizes for Swin: youtube_vos_2018_swin.py, burst_swin.py.
large_videos = dict(
    videos,
    pipeline=[
        _base_.sample_clips, *_base_.load_clips, *_base_.augment_swin, show_some, dict(type='PackClipInputs')
    ])
large_photos = dict(
    photos,
    pipeline=[*_base_.sample_moving_objects, *_base_.augment_swin, show_some, dict(type='PackClipInputs')])
train_dataloader = dict(
    sampler=dict(shares=(0.5, 0.5)), dataset=dict(type='ClipConcatDataset', datasets=[videos, photos]))
val_dataloader = dict(
    sampler=dict(overlap=clip_overlap),
    dataset=dict(
        type='YouTubeVOSDataset',
        data_root=data_root,
        ann_file='valid/meta.json',
        data_prefix=dict(img_path='valid/JPEGImages', seg_map_path='valid/Annotations'),
        test_mode=True,
        pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='VideoObjectMetric',
    protocol='youtube_vos',
    meta_file=data_root + 'valid/meta.json',
    format_only=True,
    outfile_prefix='work_dirs/submissions/youtube_vos_2018')
test_evaluator = val_evaluator
