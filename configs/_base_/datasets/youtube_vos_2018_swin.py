"""YouTube-VOS 2018 at the sizes for Swin: short side 360 to 600, long side at most 1024, tested at 480p."""
_base_ = './youtube_vos_2018.py'
large_videos = dict(
    _base_.videos,
    pipeline=[
        _base_.sample_clips, *_base_.load_clips, *_base_.augment_swin, _base_.show_some, dict(type='PackClipInputs')
    ])
large_photos = dict(
    _base_.photos,
    pipeline=[
        *_base_.sample_moving_objects, *_base_.augment_swin, _base_.show_some, dict(type='PackClipInputs')
    ])
large_test_pipeline = [
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'),
    dict(type='ClipResize', short_sides=(480, )),
    dict(_base_.show, training=False, kinds=_base_.exemplar),
    dict(type='PackClipInputs')
]
train_dataloader = dict(dataset=dict(datasets=[large_videos, large_photos]))
val_dataloader = dict(dataset=dict(pipeline=large_test_pipeline))
test_dataloader = val_dataloader
