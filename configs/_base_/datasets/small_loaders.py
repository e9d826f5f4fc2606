"""Data loaders of the small configs: two videos an iteration, one worker. Each data set's file adds its data."""
clip_length = 3
clip_overlap = 0
train_dataloader = dict(
    batch_size=2, num_workers=1, persistent_workers=True, sampler=dict(type='ClipDrawSampler'))
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='ClipSampler', clip_length=clip_length, overlap=clip_overlap))
test_dataloader = val_dataloader
