"""Moving Shapes in VIPSeg format for the ablations: tested with clips as in training and frames as they are (Eq. 6)."""
_base_ = './moving_shapes_vps.py'
clip_length, clip_overlap = 3, 0
val_dataloader = dict(
    sampler=dict(clip_length=clip_length, overlap=clip_overlap),
    dataset=dict(pipeline=[dict(type='LoadClipFrames'), dict(type='PackClipInputs')]))
test_dataloader = val_dataloader
