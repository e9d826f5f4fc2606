"""Table 4a, row "+ Task-oriented init. & association": grid and prototype queries, things and stuff linked apart."""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-baseline.py'
load_from = 'work_dirs/ablation/pretrain/learned/seed_0/with_class_queries.pth'
num_things, num_stuff, embed_dims = _base_.num_things_classes, _base_.num_stuff_classes, _base_.embed_dims
num_queries, stuff_classes = _base_.num_queries, (num_things, num_things + num_stuff)
things = dict(type='GridQueries', num_queries=num_queries, classes=(0, num_things), grid=5, level=-1,
              in_channels=embed_dims, embed_dims=embed_dims, residual=True)
stuff = dict(
    type='PrototypeQueries', num_queries=num_stuff, classes=stuff_classes, embed_dims=embed_dims, aligned=True)
custom_hooks = [dict(type='QueryQueueHook')]
model = dict(
    track_head=dict(
        num_queries=num_queries + num_stuff,
        query_initializer=dict(_delete_=True, type='CombinedQueries', parts=[things, stuff])))
