"""VSPW at 480p: 124 classes, every class of a frame one segment. Tree: docs/datasets.md."""
_base_ = './benchmark.py'
num_classes = 124
videos = dict(
    type='VSPWDataset',
    data_root='data/vspw/',
    ann_file='train.txt',
    data_prefix=dict(img_path='data'),
    pipeline=[_base_.sample_semantic_clips, *_base_.load_clips, *_base_.augment_large, dict(type='PackClipInputs')])
train_dataloader = dict(dataset=videos)
# The metric reads the maps itself, at the size of the files: 1 to 124 are classes, 0 and 255 void.
val_dataloader = dict(dataset=dict(videos, ann_file='val.txt', test_mode=True, pipeline=_base_.test_720p))
test_dataloader = val_dataloader
val_evaluator = dict(type='VideoSemanticMetric', label_map={value: value - 1 for value in range(1, num_classes + 1)})
test_evaluator = val_evaluator
