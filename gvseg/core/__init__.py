"""The mathematics of GvSeg: torch, numpy and scipy only, no OpenMMLab package and no registry.

Import from the modules; this package imports nothing by itself.

descriptors: shape-position descriptors of masks, their change, their form as query cues.
similarity: similarity of queries and of descriptors, every row with every other one.
tracking: one-to-one assignment, motion and overlap of tubes.
contrastive: pairs and losses of temporal contrastive learning.
query_set: the queries of a batch of clips. query_init: where their features come from.
query_memory: queues and prototypes of classes.
frame_sampling: clips of a video. panoptic: packed ids. protocols: what modules promise to hooks.
"""
