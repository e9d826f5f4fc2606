"""Moving Shapes in VSPW format: eleven classes, things among them."""
_base_ = './moving_shapes.py'
classes = ('disk', 'square', 'triangle', 'star', 'cross', 'ring', 'sky', 'grass', 'water', 'sand', 'brick')
num_classes = len(classes)
dataset = dict(
    type='VSPWDataset',
    data_prefix=dict(img_path='data'),
    metainfo=dict(classes=classes))
train_pipeline = [*_base_.train_steps, dict(type='PackClipInputs')]
load_maps = dict(type='LoadClipAnnotations', with_sem_seg=True)
test_pipeline = [dict(type='LoadClipFrames'), _base_.test_resize, load_maps, dict(type='PackClipInputs')]
train_dataloader = dict(
    dataset=dict(dataset, data_root=_base_.data_root + 'train/vspw', ann_file='train.txt', pipeline=train_pipeline))
val_dataloader = dict(
    dataset=dict(
        dataset, data_root=_base_.data_root + 'val/vspw', ann_file='val.txt', test_mode=True, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(type='VideoSemanticMetric')
test_evaluator = val_evaluator
