"""Tracking without a network: assignment of queries, motion of tubes, overlap of tubes.

Import from the modules; this package imports nothing by itself.
"""
