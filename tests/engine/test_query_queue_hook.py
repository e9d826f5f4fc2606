"""Matched queries are gathered in the order of one process; several processes: tests/utils/test_distributed.py."""

import torch

from gvseg.engine.hooks.query_queue_hook import gather_queries


def test_queries_of_all_videos_are_joined():
    """Four videos with 2, 0, 3 and 1 matched queries."""
    videos = [(torch.arange(count) + 7 * count, torch.randn(count, 6), torch.randn(count, 3)) for count in (2, 0, 3, 1)]
    for found, parts in zip(gather_queries(videos), zip(*videos), strict=True):
        assert found.dtype == parts[0].dtype and torch.equal(found, torch.cat(parts))
