"""Matched queries on their way from the head's loss to the hook that shares them between ranks.

Shapes: K matched queries of a clip, D model width.
"""

from dataclasses import dataclass, field

from gvseg.core.protocols import VideoQueries
from gvseg.models.structures import MatchedQueries


@dataclass
class QueryRecord:
    """Matched queries since they were last drained, one entry per video.

    Invariant: tensors in it are detached; it is empty unless a hook has said that it wants them, so a model trained
    without the hook collects nothing.

    Attributes:
        wanted: set by the hook that drains the record.
        videos: per video (labels (K,), initial features and positions (K, 2 D), embeddings (K, D)).
    """

    wanted: bool = False
    videos: list[VideoQueries] = field(default_factory=list)

    def add(self, matched: list[MatchedQueries], clips_per_video: int) -> None:
        """Note the matches of one iteration; ``matched`` holds one entry per clip, video after video."""
        if not self.wanted:
            return
        for first in range(0, len(matched), clips_per_video):
            video = MatchedQueries.merged(matched[first : first + clips_per_video])
            self.videos.append((video.labels, video.initial.detach().float(), video.embeddings.detach().float()))

    def pop_all(self) -> list[VideoQueries]:
        """Everything noted since the last call."""
        videos, self.videos = self.videos, []
        return videos
