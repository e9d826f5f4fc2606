"""Moving Shapes in YouTube-VIS format: instances of six thing classes."""
_base_ = './moving_shapes.py'
# Clips that overlap by half, for an associator that follows tubes through the frames clips share.
clip_length = 4
clip_overlap = 2
dataset = dict(
    type='YouTubeVISVideoDataset',
    ann_file='instances.json',
    data_prefix=dict(img_path='JPEGImages'))
train_pipeline = [*_base_.train_steps, dict(type='PackClipInputs')]
test_pipeline = [dict(type='LoadClipFrames'), _base_.test_resize, dict(type='PackClipInputs')]
train_dataloader = dict(
    dataset=dict(dataset, data_root=_base_.data_root + 'train/ytvis', pipeline=train_pipeline))
val_dataloader = dict(
    sampler=dict(clip_length=clip_length, overlap=clip_overlap),
    dataset=dict(
        dataset, data_root=_base_.data_root + 'val/ytvis', test_mode=True, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='YouTubeVISVideoMetric', ann_file=_base_.data_root + 'val/ytvis/instances.json', score_over='all')
test_evaluator = val_evaluator
