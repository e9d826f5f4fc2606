"""YouTube-VIS 2019: other videos and classes, all else as in 2021. Tree: docs/datasets.md."""
_base_ = './youtube_vis_2021.py'
year = 2019
benchmark = f'youtube_vis_{year}'
data_root = f'data/{benchmark}/'
classes = (
    'person', 'giant_panda', 'lizard', 'parrot', 'skateboard', 'sedan', 'ape', 'dog', 'snake', 'monkey', 'hand',
    'rabbit', 'duck', 'cat', 'cow', 'fish', 'train', 'horse', 'turtle', 'bear', 'motorbike', 'giraffe', 'leopard',
    'fox', 'deer', 'owl', 'surfboard', 'airplane', 'truck', 'zebra', 'tiger', 'elephant', 'snowboard', 'boat',
    'shark', 'mouse', 'frog', 'eagle', 'earless_seal', 'tennis_racket')
num_things_classes = len(classes)
videos = dict(_base_.videos, type=f'YouTubeVIS{year}Dataset', data_root=data_root)
photos = dict(_base_.photos, renames=benchmark, metainfo=dict(classes=classes))
train_dataloader = dict(dataset=dict(datasets=[videos, photos]))
val_dataloader = dict(dataset=dict(type=f'YouTubeVIS{year}Dataset', data_root=data_root))
test_dataloader = val_dataloader
val_evaluator = dict(
    ann_file=data_root + 'valid/instances.json', outfile_prefix=f'work_dirs/submissions/{benchmark}')
test_evaluator = val_evaluator
