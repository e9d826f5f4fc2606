"""Training-loop parts."""
from .hooks import QueryQueueHook

__all__ = ['QueryQueueHook']
