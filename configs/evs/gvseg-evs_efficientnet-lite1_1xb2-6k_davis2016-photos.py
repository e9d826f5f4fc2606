"""EVS on real video, for one CPU core: clips of two frames, learned keys, every second exemplar a point."""
_base_ = [
    '../_base_/models/gvseg_efficientnet-lite1.py', '../_base_/datasets/davis2016_photos_small.py',
    '../_base_/schedules/schedule_cpu_6k.py', '../default_runtime.py'
]
model = dict(
    backbone=dict(frozen_stages=3),
    task_output=dict(type='ExemplarOutput'),
    track_head=dict(
        num_frames=2,
        num_queries=10,
        num_classes=1,
        descriptor=_base_.descriptor,
        loss_cls=dict(class_weight=[1.0, 0.1]),
        query_initializer=dict(
            type='ExemplarQueries', num_queries=10, in_channels=64, embed_dims=64, level=-1, first_weight=0.0,
            matching=dict(in_channels=(40, 112, 64), dim=64, scale=(20.0, 20.0), locality=(33.0, 1.0)))))
