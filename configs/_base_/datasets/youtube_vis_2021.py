"""YouTube-VIS with COCO pseudo videos, at the sizes for ResNet. Tree: docs/datasets.md.

The truth of ``valid`` is hidden: testing writes a file to submit. A local score: `..._local.py` beside the leaf.
The paper does not say how often a photo is drawn; here it is every second item.
The year 2021; ``youtube_vis_2019.py`` says what differs in 2019.
"""
_base_ = './benchmark.py'
year = 2021
benchmark = f'youtube_vis_{year}'
data_root = f'data/{benchmark}/'
classes = (
    'airplane', 'bear', 'bird', 'boat', 'car', 'cat', 'cow', 'deer', 'dog', 'duck', 'earless_seal', 'elephant',
    'fish', 'flying_disc', 'fox', 'frog', 'giant_panda', 'giraffe', 'horse', 'leopard', 'lizard', 'monkey',
    'motorbike', 'mouse', 'parrot', 'person', 'rabbit', 'shark', 'skateboard', 'snake', 'snowboard', 'squirrel',
    'surfboard', 'tennis_racket', 'tiger', 'train', 'truck', 'turtle', 'whale', 'zebra')
num_things_classes = len(classes)
videos = dict(
    type=f'YouTubeVIS{year}Dataset',
    data_root=data_root,
    ann_file='train/instances.json',
    data_prefix=dict(img_path='train/JPEGImages'),
    pipeline=[_base_.sample_clips, *_base_.load_clips, *_base_.augment_resnet, dict(type='PackClipInputs')])
photos = dict(
    type='COCOPseudoVideoDataset',
    data_root='data/coco/',
    ann_file='annotations/pseudo_train2017.json',
    data_prefix=dict(img_path='train2017'),
    class_agnostic=False,
    renames=benchmark,
    metainfo=dict(classes=classes),
    pipeline=[*_base_.sample_photo, *_base_.augment_resnet, dict(type='PackClipInputs')])
train_dataloader = dict(
    sampler=dict(shares=(0.5, 0.5)),
    dataset=dict(type='ClipConcatDataset', datasets=[videos, photos], ignore_keys=['category_ids']))
val_dataloader = dict(
    dataset=dict(
        type=f'YouTubeVIS{year}Dataset',
        data_root=data_root,
        ann_file='valid/instances.json',
        data_prefix=dict(img_path='valid/JPEGImages'),
        test_mode=True,
        pipeline=_base_.test_360p))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='YouTubeVISVideoMetric',
    ann_file=data_root + 'valid/instances.json',
    format_only=True,
    outfile_prefix=f'work_dirs/submissions/{benchmark}')
test_evaluator = val_evaluator
