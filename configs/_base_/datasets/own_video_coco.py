"""Any video, COCO's classes: no dataset on disk, only how frames reach the network.

Used through ``gvseg.apis.VideoSegmenter`` and ``tools/demo/video_demo.py``. A clip is one frame, as the weights were
trained on images; leaves name the dataset whose classes count.
"""
num_things_classes, num_stuff_classes = 80, 53
clip_length = 1
clip_overlap = 0
test_dataloader = dict(
    sampler=dict(type='ClipSampler', clip_length=clip_length, overlap=clip_overlap),
    dataset=dict(
        type='CocoPanopticDataset',
        pipeline=[dict(type='ClipResize', short_sides=(720, ), long_side=1280), dict(type='PackClipInputs')]))
