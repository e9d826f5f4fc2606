"""Six benchmarks and photos of COCO for a general model, at the sizes for ResNet. Trees: docs/datasets.md.

``--cfg-options recipe=NAME`` chooses what is tested: vis (YouTube-VIS 2021), ovis, vps (VIPSeg), step (KITTI-STEP),
vss (VSPW), evs (YouTube-VOS). Settings of each benchmark are those of its own file.
"""
_base_ = './benchmark.py'
recipe = 'vps'
pack = dict(type='PackClipInputs')
show = dict(type='MakeExemplars', dim=256, descriptor=_base_.descriptor)
show_some = dict(show, kinds=('mask', 'point'))
show_first = dict(show, training=False, kinds='mask')
load = dict(type='LoadClipFrames')
clips = [_base_.sample_clips, *_base_.load_clips]
semantic_clips = [_base_.sample_semantic_clips, *_base_.load_clips]
vis = dict(type='YouTubeVIS2021Dataset', data_root='data/youtube_vis_2021/', metainfo=dict(recipe='vis'))
ovis = dict(type='OVISDataset', data_root='data/ovis/', metainfo=dict(recipe='ovis'))
vps = dict(
    type='VIPSegDataset',
    data_root='data/vipseg_720p/',
    data_prefix=dict(img_path='imgs', seg_map_path='panomasksRGB'),
    metainfo=dict(recipe='vps'))
step = dict(type='KITTISTEPDataset', data_root='data/kitti_step/', metainfo=dict(recipe='step'))
vss = dict(type='VSPWDataset', data_root='data/vspw/', data_prefix=dict(img_path='data'), metainfo=dict(recipe='vss'))
evs = dict(type='YouTubeVOSDataset', data_root='data/youtube_vos_2018/', metainfo=dict(recipe='evs'))
photos = dict(
    type='COCOPseudoVideoDataset',
    data_root='data/coco/',
    ann_file='annotations/pseudo_train2017.json',
    data_prefix=dict(img_path='train2017'))
vis_photos = dict(
    photos, class_agnostic=False, renames='youtube_vis_2021', metainfo=dict(recipe='vis', classes=(
        'airplane', 'bear', 'bird', 'boat', 'car', 'cat', 'cow', 'deer', 'dog', 'duck', 'earless_seal', 'elephant',
        'fish', 'flying_disc', 'fox', 'frog', 'giant_panda', 'giraffe', 'horse', 'leopard', 'lizard', 'monkey',
        'motorbike', 'mouse', 'parrot', 'person', 'rabbit', 'shark', 'skateboard', 'snake', 'snowboard', 'squirrel',
        'surfboard', 'tennis_racket', 'tiger', 'train', 'truck', 'turtle', 'whale', 'zebra')))
evs_photos = dict(photos, metainfo=dict(recipe='evs'))
train_instances = dict(ann_file='train/instances.json', data_prefix=dict(img_path='train/JPEGImages'))
train_objects = dict(
    ann_file='train/meta.json', data_prefix=dict(img_path='train/JPEGImages', seg_map_path='train/Annotations'))
train_streets = dict(data_prefix=dict(img_path='train/images', seg_map_path='train/panoptic_maps'))
small, large = _base_.augment_resnet, _base_.augment_large
train_dataloader = dict(
    sampler=dict(
        _delete_=True,
        type='RecipeDrawSampler',
        group=16,  # videos of an optimiser step, on any number of GPUs and with --accumulate
        shares=(0.12, 0.12, 0.12, 0.2, 0.04, 0.16, 0.12, 0.12)),
    dataset=dict(
        type='ClipConcatDataset',
        ignore_keys=['category_ids'],
        datasets=[
            dict(vis, **train_instances, pipeline=[*clips, *small, pack]),
            dict(vis_photos, pipeline=[*_base_.sample_photo, *small, pack]),
            dict(ovis, **train_instances, pipeline=[*clips, *large, pack]),
            dict(vps, ann_file='panoptic_gt_VIPSeg_train.json', pipeline=[*clips, *large, pack]),
            dict(step, **train_streets, pipeline=[*clips, *large, pack]),
            dict(vss, ann_file='train.txt', pipeline=[*semantic_clips, *large, pack]),
            dict(evs, **train_objects, pipeline=[*clips, *small, show_some, pack]),
            dict(evs_photos, pipeline=[*_base_.sample_moving_objects, *small, show_some, pack])
        ]))
loader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='ClipSampler', clip_length=_base_.clip_length, overlap=_base_.clip_overlap))
test_instances = dict(
    ann_file='valid/instances.json', data_prefix=dict(img_path='valid/JPEGImages'), test_mode=True)
instance_scores = dict(type='YouTubeVISVideoMetric', format_only=True)
show_at_360p = [*_base_.load_clips, dict(type='ClipResize', short_sides=(360, )), show_first, pack]
recipe_tests = dict(
    vis=dict(
        clip_overlap=0,
        test_dataloader=dict(loader, dataset=dict(vis, **test_instances, pipeline=_base_.test_360p)),
        test_evaluator=dict(
            instance_scores,
            ann_file='data/youtube_vis_2021/valid/instances.json',
            outfile_prefix='work_dirs/submissions/general_youtube_vis_2021')),
    ovis=dict(
        clip_overlap=0,
        test_dataloader=dict(loader, dataset=dict(ovis, **test_instances, pipeline=_base_.test_720p)),
        test_evaluator=dict(
            instance_scores,
            benchmark='ovis',
            ann_file='data/ovis/valid/instances.json',
            outfile_prefix='work_dirs/submissions/general_ovis')),
    vps=dict(
        clip_overlap=0,
        test_dataloader=dict(
            loader,
            dataset=dict(
                vps, ann_file='panoptic_gt_VIPSeg_val.json', test_mode=True, pipeline=_base_.test_720p)),
        test_evaluator=dict(
            type='VideoPanopticMetric',
            ann_file='data/vipseg_720p/panoptic_gt_VIPSeg_val.json',
            seg_prefix='data/vipseg_720p/panomasksRGB')),
    step=dict(
        clip_overlap=0,
        test_dataloader=dict(
            loader,
            dataset=dict(
                step,
                split='val',
                data_prefix=dict(img_path='val/images', seg_map_path='val/panoptic_maps'),
                test_mode=True,
                pipeline=[load, dict(type='ClipResize', short_sides=(720, ), long_side=1333), pack])),
        test_evaluator=dict(type='KITTIStepMetric')),
    vss=dict(
        clip_overlap=0,
        test_dataloader=dict(
            loader, dataset=dict(vss, ann_file='val.txt', test_mode=True, pipeline=_base_.test_720p)),
        test_evaluator=dict(
            type='VideoSemanticMetric', label_map={value: value - 1 for value in range(1, 125)})),
    evs=dict(
        clip_overlap=1,
        test_dataloader=dict(
            loader,
            sampler=dict(type='ClipSampler', clip_length=_base_.clip_length, overlap=1),
            dataset=dict(
                evs,
                ann_file='valid/meta.json',
                data_prefix=dict(img_path='valid/JPEGImages', seg_map_path='valid/Annotations'),
                test_mode=True,
                pipeline=show_at_360p)),
        test_evaluator=dict(
            type='VideoObjectMetric',
            protocol='youtube_vos',
            meta_file='data/youtube_vos_2018/valid/meta.json',
            format_only=True,
            outfile_prefix='work_dirs/submissions/general_youtube_vos_2018')))
test_dataloader, test_evaluator = recipe_tests['vps']['test_dataloader'], recipe_tests['vps']['test_evaluator']
val_dataloader, val_evaluator = test_dataloader, test_evaluator
