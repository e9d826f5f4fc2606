"""BURST as in burst.py, with the training sizes of YouTube-VOS 2018 for Swin."""
_base_ = './burst.py'
train_dataloader = dict(dataset=dict(datasets=[_base_.large_videos, _base_.large_photos]))
