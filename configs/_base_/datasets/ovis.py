"""OVIS: 25 classes, long videos with heavy occlusion. Tree: docs/datasets.md.

The truth of ``valid`` is hidden: testing writes a file to submit. A local score: `..._local.py` beside the leaf.
"""
_base_ = './benchmark.py'
num_things_classes = 25
data_root = 'data/ovis/'
videos = dict(
    type='OVISDataset',
    data_root=data_root,
    ann_file='train/instances.json',
    data_prefix=dict(img_path='train/JPEGImages'),
    pipeline=[_base_.sample_clips, *_base_.load_clips, *_base_.augment_large, dict(type='PackClipInputs')])
train_dataloader = dict(dataset=videos)
val_dataloader = dict(
    dataset=dict(
        type='OVISDataset',
        data_root=data_root,
        ann_file='valid/instances.json',
        data_prefix=dict(img_path='valid/JPEGImages'),
        test_mode=True,
        pipeline=_base_.test_720p))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='YouTubeVISVideoMetric',
    benchmark='ovis',
    ann_file=data_root + 'valid/instances.json',
    format_only=True,
    outfile_prefix='work_dirs/submissions/ovis')
test_evaluator = val_evaluator
