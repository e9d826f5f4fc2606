"""Models, registered with mmdet.

segmenters: the whole model and the state of a video. heads: queries of a clip to classes, masks and embeddings.
query_initializers: where queries come from. layers: pixel and transformer decoder, cue injection.
losses: set criterion, contrastive loss. task_modules: rules of pairs. tracking: association over clips.
task_outputs: results of a task. structures: what they pass to each other.
What is not in the paper is in the ``extras`` of its package and imported by no other module: configs name it.
"""

from gvseg.utils import openmmlab

from . import heads, layers, losses, query_initializers, segmenters, task_modules, task_outputs, tracking

__all__ = ['heads', 'layers', 'losses', 'query_initializers', 'segmenters', 'task_modules', 'task_outputs', 'tracking']
