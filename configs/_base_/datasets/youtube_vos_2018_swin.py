"""YouTube-VOS 2018 at the sizes for Swin: short side 360 to 600, long side at most 1024, tested at 480p."""
_base_ = './youtube_vos_2018.py'
large_test_pipeline = [
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'),
    dict(type='ClipResize', short_sides=(480, )),
    dict(_base_.show, training=False, kinds=_base_.exemplar),
    dict(type='PackClipInputs')
]
train_dataloader = dict(dataset=dict(datasets=[_base_.large_videos, _base_.large_photos]))
val_dataloader = dict(dataset=dict(pipeline=large_test_pipeline))
test_dataloader = val_dataloader
