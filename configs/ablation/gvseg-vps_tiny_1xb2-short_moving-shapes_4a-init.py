"""Table 4a, row "+ Task-oriented init. & association": grid and prototype queries, things and stuff linked apart."""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-baseline.py'
load_from = 'work_dirs/ablation/pretrain/learned/seed_0/with_class_queries.pth'
things = dict(
    type='GridQueries', num_queries=25, classes=(0, 6), grid=5, level=-1, in_channels=64, embed_dims=64, residual=True)
stuff = dict(type='PrototypeQueries', num_queries=5, classes=(6, 11), embed_dims=64, aligned=True)
custom_hooks = [dict(type='QueryQueueHook')]
model = dict(
    track_head=dict(
        num_queries=30, query_initializer=dict(_delete_=True, type='CombinedQueries', parts=[things, stuff])))
