"""Matched queries, recorded by the head's loss for the hook that shares them between ranks.

Shapes: K matched queries of a clip, D model width.
"""

from dataclasses import dataclass, field

from gvseg.core.protocols import MatchedQuerySource, VideoQueries
from gvseg.models.structures import MatchedQueries


@dataclass
class QueryRecord:
    """Matched queries since the last :meth:`pop_all`, one entry per video.

    Invariant: tensors in it are detached; it stays empty unless a hook has asked for it, so a model trained
    without the hook collects nothing.

    Attributes:
        wanted: set by the hook that empties the record.
        videos: per video (labels (K,), initial features and positions (K, 2 D), embeddings (K, D)).
    """

    wanted: bool = False
    videos: list[VideoQueries] = field(default_factory=list)

    def add(self, matched: list[MatchedQueries], clips_per_video: int) -> None:
        """Record the matches of one iteration; ``matched`` holds one entry per clip, video after video."""
        if not self.wanted:
            return
        for first in range(0, len(matched), clips_per_video):
            video = MatchedQueries.merged(matched[first : first + clips_per_video])
            self.videos.append((video.labels, video.initial.detach().float(), video.embeddings.detach().float()))

    def pop_all(self) -> list[VideoQueries]:
        """Everything recorded since the last call."""
        videos, self.videos = self.videos, []
        return videos


class RecordsMatchedQueries(MatchedQuerySource):
    """A module with a :class:`QueryRecord`, made by its constructor."""

    query_record: QueryRecord

    def record_matched_queries(self, wanted: bool) -> None:
        """As the base class."""
        self.query_record.wanted = wanted

    def pop_matched_queries(self) -> list[VideoQueries]:
        """As the base class."""
        return self.query_record.pop_all()
