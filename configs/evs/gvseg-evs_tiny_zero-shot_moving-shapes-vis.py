"""EVS on Moving Shapes without EVS training: exemplars choose among the tubes of the VIS model.

Weights: those of the VIS model, ``gvseg://gvseg-vis_tiny_moving-shapes``. ``exemplar``: mask, box or point.
"""
_base_ = '../vis/gvseg-vis_tiny_1xb2-4k_moving-shapes.py'
exemplar = 'mask'
data_root = _base_.data_root + 'val/ytvos'
test_pipeline = [
    *_base_.load_clips, _base_.test_resize,
    dict(type='MakeExemplars', training=False, kinds=exemplar, dim=_base_.embed_dims, descriptor=_base_.descriptor),
    dict(type='PackClipInputs')
]
test_dataloader = dict(
    dataset=dict(
        _delete_=True, type='YouTubeVOSDataset', ann_file='meta.json', data_root=data_root, test_mode=True,
        data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations'), pipeline=test_pipeline))
test_evaluator = dict(
    _delete_=True, type='VideoObjectMetric', protocol='youtube_vos', meta_file=data_root + '/meta.json')
model = dict(task_output=dict(_delete_=True, type='SelectedTracks'))
