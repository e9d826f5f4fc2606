"""YouTube-VIS 2021 at the sizes for Swin: short side 360 to 600, long side at most 1024, tested at 480p."""
_base_ = './youtube_vis_2021.py'
large_videos = dict(
    _base_.videos,
    pipeline=[_base_.sample_clips, *_base_.load_clips, *_base_.augment_swin, dict(type='PackClipInputs')])
large_photos = dict(_base_.photos, pipeline=[*_base_.sample_photo, *_base_.augment_swin, dict(type='PackClipInputs')])
train_dataloader = dict(dataset=dict(datasets=[large_videos, large_photos]))
val_dataloader = dict(dataset=dict(pipeline=_base_.test_480p))
test_dataloader = val_dataloader
