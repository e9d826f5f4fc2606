"""The data of a general model at the sizes for Swin: YouTube-VIS and YouTube-VOS larger, tested at 480p."""
_base_ = './general.py'
small, large = _base_.augment_swin, _base_.augment_large
train_dataloader = dict(
    dataset=dict(
        datasets=[
            dict(_base_.vis, **_base_.train_instances, pipeline=[*_base_.clips, *small, _base_.pack]),
            dict(_base_.vis_photos, pipeline=[*_base_.sample_photo, *small, _base_.pack]),
            dict(_base_.ovis, **_base_.train_instances, pipeline=[*_base_.clips, *large, _base_.pack]),
            dict(_base_.vps, ann_file='panoptic_gt_VIPSeg_train.json', pipeline=[*_base_.clips, *large, _base_.pack]),
            dict(_base_.step, **_base_.train_streets, pipeline=[*_base_.clips, *large, _base_.pack]),
            dict(_base_.vss, ann_file='train.txt', pipeline=[*_base_.semantic_clips, *large, _base_.pack]),
            dict(
                _base_.evs,
                **_base_.train_objects,
                pipeline=[*_base_.clips, *small, _base_.show_some, _base_.pack]),
            dict(
                _base_.evs_photos,
                pipeline=[*_base_.sample_moving_objects, *small, _base_.show_some, _base_.pack])
        ]))
show_at_480p = [*_base_.load_clips, dict(type='ClipResize', short_sides=(480, )), _base_.show_first, _base_.pack]
recipe_tests = dict(
    vis=dict(test_dataloader=dict(dataset=dict(pipeline=_base_.test_480p))),
    evs=dict(test_dataloader=dict(dataset=dict(pipeline=show_at_480p))))
