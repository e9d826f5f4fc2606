"""Moving Shapes in its four formats, one recipe each: the training of a general model, and four tests.

``--cfg-options recipe=vss`` tests another recipe than VPS. Settings of each format are those of its own file.
"""
_base_ = './moving_shapes.py'
recipe = 'vps'
data_root = _base_.data_root
vss_classes = ('disk', 'square', 'triangle', 'star', 'cross', 'ring', 'sky', 'grass', 'water', 'sand', 'brick')
# Queries of shown objects learn slowest; the network comes from VPS, and classes are learned there, too.
shares = dict(vis=0.28, vss=0.14, vps=0.22, evs=0.36)
exemplars = dict(type='MakeExemplars', dim=64, descriptor=_base_.descriptor)
show_some = dict(exemplars, kinds=('mask', 'box', 'point'), first_frame=0.8)
show_first = dict(exemplars, training=False, kinds='mask')
pack = dict(type='PackClipInputs')
# One stage at the scale of the tests. Every frame fills the crop, so that no batch is padded.
resize_and_crop = [dict(type='ClipResize', ratio=(1.4, 1.8)), dict(type='ClipRandomCrop', size=(128, 224))]
augment = [_base_.sample_clips, *_base_.load_clips, *resize_and_crop, *_base_.flip_and_recolor]
load_maps = dict(type='LoadClipAnnotations', with_sem_seg=True)
vis = dict(
    type='YouTubeVISVideoDataset',
    ann_file='instances.json',
    data_prefix=dict(img_path='JPEGImages'),
    metainfo=dict(recipe='vis'))
vss = dict(type='VSPWDataset', data_prefix=dict(img_path='data'), metainfo=dict(recipe='vss', classes=vss_classes))
vps = dict(
    type='VIPSegDataset',
    ann_file='panoptic_gt.json',
    data_prefix=dict(img_path='imgs', seg_map_path='panomasksRGB'),
    metainfo=dict(recipe='vps'))
evs = dict(
    type='YouTubeVOSDataset',
    ann_file='meta.json',
    data_prefix=dict(img_path='JPEGImages', seg_map_path='Annotations'),
    metainfo=dict(recipe='evs'))
train_dataloader = dict(
    sampler=dict(
        _delete_=True,
        type='RecipeDrawSampler',
        group=2,
        shares=(shares['vis'], shares['vss'], shares['vps'], shares['evs'])),
    dataset=dict(
        type='ClipConcatDataset',
        datasets=[
            dict(vis, data_root=data_root + 'train/ytvis', pipeline=[*augment, pack]),
            dict(vss, data_root=data_root + 'train/vspw', ann_file='train.txt', pipeline=[*augment, pack]),
            dict(vps, data_root=data_root + 'train/vipseg', pipeline=[*augment, pack]),
            dict(evs, data_root=data_root + 'train/ytvos', pipeline=[*augment, show_some, pack])
        ]))
loader = dict(batch_size=1, num_workers=1, persistent_workers=True, drop_last=False)
load = dict(type='LoadClipFrames')
recipe_tests = dict(
    vis=dict(
        clip_length=4,
        clip_overlap=2,
        test_dataloader=dict(
            loader,
            sampler=dict(type='ClipSampler', clip_length=4, overlap=2),
            dataset=dict(
                vis, data_root=data_root + 'val/ytvis', test_mode=True, pipeline=[load, _base_.test_resize, pack])),
        test_evaluator=dict(
            type='YouTubeVISVideoMetric', ann_file=data_root + 'val/ytvis/instances.json', score_over='all')),
    vss=dict(
        clip_length=3,
        clip_overlap=0,
        test_dataloader=dict(
            loader,
            sampler=dict(type='ClipSampler', clip_length=3, overlap=0),
            dataset=dict(
                vss,
                data_root=data_root + 'val/vspw',
                ann_file='val.txt',
                test_mode=True,
                pipeline=[load, _base_.test_resize_large, load_maps, pack])),
        test_evaluator=dict(type='VideoSemanticMetric')),
    vps=dict(
        clip_length=4,
        clip_overlap=2,
        test_dataloader=dict(
            loader,
            sampler=dict(type='ClipSampler', clip_length=4, overlap=2),
            dataset=dict(
                vps, data_root=data_root + 'val/vipseg', test_mode=True, pipeline=[load, _base_.test_resize, pack])),
        test_evaluator=dict(
            type='VideoPanopticMetric',
            ann_file=data_root + 'val/vipseg/panoptic_gt.json',
            seg_prefix=data_root + 'val/vipseg/panomasksRGB')),
    evs=dict(
        clip_length=3,
        clip_overlap=1,
        test_dataloader=dict(
            loader,
            sampler=dict(type='ClipSampler', clip_length=3, overlap=1),
            dataset=dict(
                evs,
                data_root=data_root + 'val/ytvos',
                test_mode=True,
                pipeline=[*_base_.load_clips, _base_.test_resize_large, show_first, pack])),
        test_evaluator=dict(
            type='VideoObjectMetric', protocol='youtube_vos', meta_file=data_root + 'val/ytvos/meta.json')))
clip_length, clip_overlap = recipe_tests['vps']['clip_length'], recipe_tests['vps']['clip_overlap']
test_dataloader = recipe_tests['vps']['test_dataloader']
test_evaluator = recipe_tests['vps']['test_evaluator']
val_dataloader = test_dataloader
val_evaluator = test_evaluator
