"""What differs between the data sets of the paper-size general model, beside its network.

A recipe says what the config of its data set says (``configs/{vis,vss,vps,evs}``); widths are the network's. OVIS makes
its queries as YouTube-VIS does, and KITTI-STEP as VIPSeg. Classes of equal names are one class.
"""
cells = dict(type='GridQueries', num_queries=100, grid=12)
prototypes = dict(type='PrototypeQueries', aligned=True)
contrast = dict(type='TaskOrientedContrastiveLoss', sampler=dict(type='TCLSampler'))
recipes = dict(
    vis=dict(
        classes='youtube_vis_2021',
        task_output=dict(type='InstanceOutput'),
        track_head=dict(query_initializer=cells, contrastive=contrast)),
    ovis=dict(
        classes='ovis',
        like='vis',
        task_output=dict(type='InstanceOutput'),
        track_head=dict(query_initializer=cells, contrastive=contrast)),
    vps=dict(
        classes='vipseg',
        task_output=dict(type='PanopticOutput', num_things=58),
        track_head=dict(
            query_initializer=dict(
                type='CombinedQueries',
                parts=[dict(cells, classes=(0, 58)), dict(prototypes, num_queries=66, classes=(58, 124))]),
            contrastive=dict(contrast, semantic_classes=(58, 124)))),
    step=dict(
        classes='kitti_step',
        like='vps',
        task_output=dict(type='PanopticOutput', num_things=2),
        track_head=dict(
            query_initializer=dict(
                type='CombinedQueries',
                parts=[dict(cells, classes=(0, 2)), dict(prototypes, num_queries=17, classes=(2, 19))]),
            contrastive=dict(contrast, semantic_classes=(2, 19)))),
    vss=dict(
        classes='vspw',
        task_output=dict(type='SemanticOutput'),
        track_head=dict(
            cue_injection=None,
            query_initializer=dict(prototypes, num_queries=124, classes=(0, 124)),
            contrastive=dict(contrast, semantic_classes=(0, 124)))),
    evs=dict(
        classes=('object', ),
        query_block='objects',
        task_output=dict(type='ExemplarOutput'),
        track_head=dict(
            query_initializer=dict(type='ExemplarQueries', num_queries=100, level=-1, first_weight=0.0),
            contrastive=contrast)))
