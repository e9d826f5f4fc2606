"""COCO weights on video without training: learned queries, clips of one frame, outputs that leave out unsure pixels.

A leaf names a network, an output and the number of classes; an encoder-only network takes ``vit_frame_head``.
"""
vis_output = dict(type='InstanceOutput', min_score=0.3)
vps_output = dict(type='PanopticOutput', num_things=80, min_score=0.8, min_overlap=0.8, fill_void=False)
frame_head = dict(
    num_frames=1,
    num_queries=100,
    positional_encoding=dict(type='FrameSinePositionalEncoding'),
    cue_injection=None,
    train_cfg=None,
    query_initializer=dict(type='LearnedQueries', num_queries=100))
vit_frame_head = dict(
    num_frames=1, train_cfg=None, query_initializer=dict(type='LearnedQueries', num_queries=200))
