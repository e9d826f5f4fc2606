"""What the paper's benchmarks share: sizes, augmentation, clips. Each dataset's file chooses and adds its format.

Pipelines are made of the named parts below: a config that changes a step takes the other parts by name. The paper
gives the sizes (supplement A): for YouTube-VIS and YouTube-VOS the longer side is cut to its limit; elsewhere it names
no crop, and the window is four fifths of the largest frame, turned for portrait videos.
"""
clip_length = 3
clip_overlap = 0
# Shape-position descriptors: leaves give them to the head, too.
descriptor = dict(points=200, binning='hard')
# Key clip and one reference clip from anywhere in the video: of six, that with the most positives and hard negatives.
# Semantic classes have a queue instead of positives.
sample_semantic_clips = dict(
    type='TemporalContrastiveFrameSample', clip_length=clip_length, num_references=1, scope='video')
preference = dict(type='ReferenceFrameSelector', candidates=6, threshold=0.2, descriptor=descriptor)
sample_clips = dict(sample_semantic_clips, smart=preference)
load_clips = [dict(type='LoadClipFrames'), dict(type='LoadClipAnnotations')]
# A photo becomes a key clip and a reference clip. It moves as a whole and keeps every instance; for exemplars, where
# what is not shown needs no label, a few of its instances move.
load_photo = [dict(type='TemporalContrastiveFrameSample', clip_length=1, num_references=0), *load_clips]
sample_photo = [*load_photo, dict(type='CameraPseudoVideo', clip_length=clip_length, num_references=1)]
sample_moving_objects = [*load_photo, dict(type='PseudoVideo', clip_length=clip_length, num_references=1)]
# YouTube-VIS and YouTube-VOS with ResNet, with Swin; all other datasets.
augment_resnet = [
    dict(type='ClipResize', short_sides=(240, 272, 304, 336, 368, 400, 432, 464, 480)),
    dict(type='ClipRandomCrop', long_side=768),
    dict(type='ClipRandomFlip')
]
augment_swin = [
    dict(type='ClipResize', short_sides=(360, 392, 424, 456, 488, 520, 552, 584, 600)),
    dict(type='ClipRandomCrop', long_side=1024),
    dict(type='ClipRandomFlip')
]
augment_large = [
    dict(type='ClipResize', short_sides=(480, 512, 544, 576, 608, 640, 672, 704, 736, 768, 800), long_side=1333),
    dict(type='ClipRandomCrop', size=(640, 1066)),
    dict(type='ClipRandomFlip')
]
# VidEoMT: clips of five frames that follow each other, no reference clips.
clip_of_five = dict(type='TemporalContrastiveFrameSample', clip_length=5, num_references=0, strides=(1, 2))
photo_of_five = [*load_photo, dict(type='CameraPseudoVideo', clip_length=5, num_references=0)]
augment_vit = [
    dict(type='ClipResize', short_sides=(320, 352, 392, 416, 448, 480, 512, 544, 576, 608, 640), long_side=768),
    dict(type='ClipRandomFlip')
]
test_360p = [dict(type='LoadClipFrames'), dict(type='ClipResize', short_sides=(360, )), dict(type='PackClipInputs')]
test_448p = [dict(type='LoadClipFrames'), dict(type='ClipResize', short_sides=(448, )), dict(type='PackClipInputs')]
test_480p = [dict(type='LoadClipFrames'), dict(type='ClipResize', short_sides=(480, )), dict(type='PackClipInputs')]
test_544p = [dict(type='LoadClipFrames'), dict(type='ClipResize', short_sides=(544, )), dict(type='PackClipInputs')]
test_720p = [dict(type='LoadClipFrames'), dict(type='ClipResize', short_sides=(720, )), dict(type='PackClipInputs')]
# Two videos on each of eight GPUs; fewer GPUs: `tools/train.py --accumulate`.
train_dataloader = dict(
    batch_size=2, num_workers=4, persistent_workers=True, sampler=dict(type='ClipDrawSampler'))
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='ClipSampler', clip_length=clip_length, overlap=clip_overlap))
test_dataloader = val_dataloader
