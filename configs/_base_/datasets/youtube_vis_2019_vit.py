"""YouTube-VIS 2019 for encoder-only networks: clips of five frames, sizes of VidEoMT, tested at 448."""
_base_ = './youtube_vis_2019.py'
clip_length = 5
five_frames = dict(
    _base_.videos,
    pipeline=[_base_.clip_of_five, *_base_.load_clips, *_base_.augment_vit, dict(type='PackClipInputs')])
five_of_photo = dict(_base_.photos, pipeline=[*_base_.photo_of_five, *_base_.augment_vit, dict(type='PackClipInputs')])
train_dataloader = dict(batch_size=1, dataset=dict(datasets=[five_frames, five_of_photo]))
val_dataloader = dict(sampler=dict(clip_length=clip_length), dataset=dict(pipeline=_base_.test_448p))
test_dataloader = val_dataloader
