"""VIPSeg for encoder-only networks: clips of five frames."""
_base_ = './vipseg.py'
clip_length = 5
five_frames = dict(
    _base_.videos,
    pipeline=[_base_.clip_of_five, *_base_.load_clips, *_base_.augment_large, dict(type='PackClipInputs')])
train_dataloader = dict(batch_size=1, dataset=dict(_delete_=True, **five_frames))
val_dataloader = dict(sampler=dict(clip_length=clip_length), dataset=dict(pipeline=_base_.test_720p))
test_dataloader = val_dataloader
