"""Hooks of the training and test loops."""
from .average_loss_hook import AverageLossHook
from .query_queue_hook import QueryQueueHook

__all__ = ['AverageLossHook', 'QueryQueueHook']
