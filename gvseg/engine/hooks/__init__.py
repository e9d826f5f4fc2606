"""Hooks of the training and test loops."""
from .query_queue_hook import QueryQueueHook

__all__ = ['QueryQueueHook']
