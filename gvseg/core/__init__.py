"""The mathematics of GvSeg: torch, numpy and scipy only, no OpenMMLab package and no registry.

Import from the modules; this package imports nothing by itself.

shape_position: descriptors of masks, their change, their form as query cues (descriptor_spec: what can be
    chosen; contour_points: contours on an accelerator; shape_position_arrays: all of it on a CPU).
matching: one-to-one assignment, affinity of queries.
contrastive: pairs and losses of temporal contrastive learning.
query_set: the queries of a batch of clips. query_init: where their features come from.
query_memory: queues and prototypes of classes.
frame_sampling: clips of a video. panoptic: packed ids.
"""
