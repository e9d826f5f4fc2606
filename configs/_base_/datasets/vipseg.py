"""VIPSeg, converted to 720 pixels: 58 thing and 66 stuff classes. Tree: docs/datasets.md."""
_base_ = './benchmark.py'
num_things_classes, num_stuff_classes = 58, 66
data_root = 'data/vipseg_720p/'
videos = dict(
    type='VIPSegDataset',
    data_root=data_root,
    ann_file='panoptic_gt_VIPSeg_train.json',
    data_prefix=dict(img_path='imgs', seg_map_path='panomasksRGB'),
    pipeline=[_base_.sample_clips, *_base_.load_clips, *_base_.augment_large, dict(type='PackClipInputs')])
train_dataloader = dict(dataset=videos)
val_dataloader = dict(
    dataset=dict(videos, ann_file='panoptic_gt_VIPSeg_val.json', test_mode=True, pipeline=_base_.test_720p))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='VideoPanopticMetric',
    ann_file=data_root + 'panoptic_gt_VIPSeg_val.json',
    seg_prefix=data_root + 'panomasksRGB')
test_evaluator = val_evaluator
