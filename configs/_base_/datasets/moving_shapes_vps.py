"""Moving Shapes in VIPSeg format: six thing and five stuff classes."""
_base_ = './moving_shapes.py'
# Clips that overlap by half, for an associator that follows tubes through the frames clips share. Clips of 8 that share
# 2 take two thirds of the time and give more hidden things the id of another (docs/method.md).
clip_length = 4
clip_overlap = 2
dataset = dict(
    type='VIPSegDataset',
    ann_file='panoptic_gt.json',
    data_prefix=dict(img_path='imgs', seg_map_path='panomasksRGB'))
train_pipeline = [*_base_.train_steps, dict(type='PackClipInputs')]
test_pipeline = [dict(type='LoadClipFrames'), _base_.test_resize, dict(type='PackClipInputs')]
train_dataloader = dict(
    dataset=dict(dataset, data_root=_base_.data_root + 'train/vipseg', pipeline=train_pipeline))
val_dataloader = dict(
    sampler=dict(clip_length=clip_length, overlap=clip_overlap),
    dataset=dict(
        dataset, data_root=_base_.data_root + 'val/vipseg', test_mode=True, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='VideoPanopticMetric',
    ann_file=_base_.data_root + 'val/vipseg/panoptic_gt.json',
    seg_prefix=_base_.data_root + 'val/vipseg/panomasksRGB')
test_evaluator = val_evaluator
