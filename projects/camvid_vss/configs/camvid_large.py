"""CamVid in crops of four fifths of a frame."""
_base_ = './camvid.py'
resize_and_crop = [
    dict(type='ClipResize', short_sides=(288, 324, 360, 432, 504)), dict(type='ClipRandomCrop', size=(288, 384))
]
train_pipeline = [
    _base_.sample_clips, _base_.keep_frames, *_base_.load_maps, *resize_and_crop, *_base_.flip_and_recolor,
    dict(type='PackClipInputs')
]
train_dataloader = dict(batch_size=4, num_workers=2, dataset=dict(pipeline=train_pipeline))
