"""Moving Shapes in YouTube-VOS format: objects that are shown by a mask, a box or a point.

``exemplar`` is what validation shows: mask, box or point.
"""
_base_ = './moving_shapes.py'
clip_overlap = 1
exemplar = 'mask'
exemplars = dict(type='MakeExemplars', dim=64, descriptor=_base_.descriptor)
train_exemplars = dict(exemplars, kinds=('mask', 'box', 'point'), first_frame=0.8)
test_exemplars = dict(exemplars, training=False, kinds=exemplar)
dataset = dict(
    type='YouTubeVOSDataset',
    ann_file='meta.json',
    data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations'))
train_pipeline = [*_base_.train_steps, train_exemplars, dict(type='PackClipInputs')]
test_pipeline = [*_base_.load_clips, _base_.test_resize, test_exemplars, dict(type='PackClipInputs')]
train_dataloader = dict(
    dataset=dict(dataset, data_root=_base_.data_root + 'train/ytvos', pipeline=train_pipeline))
val_dataloader = dict(
    sampler=dict(overlap=clip_overlap),
    dataset=dict(
        dataset, data_root=_base_.data_root + 'val/ytvos', test_mode=True, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='VideoObjectMetric', protocol='youtube_vos', meta_file=_base_.data_root + 'val/ytvos/meta.json')
test_evaluator = val_evaluator
