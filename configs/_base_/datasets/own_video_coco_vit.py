"""Any video at the size of EoMT's weights: the longer side 640."""
_base_ = './own_video_coco.py'
test_dataloader = dict(
    dataset=dict(pipeline=[dict(type='ClipResize', short_sides=(640, ), long_side=640), dict(type='PackClipInputs')]))
