"""CamVid: what differs from street video in VSPW's layout."""
_base_ = ['../../../configs/_base_/datasets/street.py', '../../../configs/default_runtime.py']
custom_imports = dict(
    imports=[*_base_.custom_imports.imports, 'projects.camvid_vss.camvid', 'projects.camvid_vss.per_frame'])
data = dict(_delete_=True, type='CamVidDataset', data_root='data/camvid/')
keep_frames = dict(_base_.load_frames, memory=400)  # the few training frames stay in memory
train_pipeline = [
    _base_.sample_clips, keep_frames, *_base_.load_maps, *_base_.resize_and_crop, *_base_.flip_and_recolor,
    dict(type='PackClipInputs')
]
train_dataloader = dict(dataset=dict(data, split='train', pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data, split='val', test_mode=True, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
