"""COCO weights on video without training: learned queries, clips of one frame, outputs that leave out unsure pixels.

A leaf names a network and sets ``model`` to ``zero_shot_vis`` or ``zero_shot_vps``; an encoder-only network
(``gvseg_vit-*.py``) to ``vit_zero_shot_vis`` or ``vit_zero_shot_vps``.
"""
coco_things, coco_classes = 80, 133
vis_classes = dict(num_classes=coco_things, loss_cls=dict(class_weight=[1.0] * coco_things + [0.1]))
vps_classes = dict(num_classes=coco_classes, loss_cls=dict(class_weight=[1.0] * coco_classes + [0.1]))
vis_output = dict(type='InstanceOutput', min_score=0.3)
vps_output = dict(type='PanopticOutput', num_things=coco_things, min_score=0.8, min_overlap=0.8, fill_void=False)
frame_head = dict(
    num_frames=1,
    num_queries=100,
    positional_encoding=dict(type='FrameSinePositionalEncoding'),
    cue_injection=None,
    train_cfg=None,
    query_initializer=dict(type='LearnedQueries', num_queries=100))
zero_shot_vis = dict(task_output=vis_output, track_head=dict(frame_head, **vis_classes))
zero_shot_vps = dict(task_output=vps_output, track_head=dict(frame_head, **vps_classes))
vit_frame_head = dict(
    num_frames=1, train_cfg=None, query_initializer=dict(type='LearnedQueries', num_queries=200))
vit_zero_shot = dict(associator=dict(type='SPAAssociator'))
vit_zero_shot_vis = dict(vit_zero_shot, task_output=vis_output, track_head=dict(vit_frame_head, **vis_classes))
vit_zero_shot_vps = dict(vit_zero_shot, task_output=vps_output, track_head=dict(vit_frame_head, **vps_classes))
