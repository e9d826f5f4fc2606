"""Limits of the service."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of the service; each is an argument of ``app.py``.

    Attributes:
        megabytes: size of an uploaded file.
        frames: length of a clip; the rest is left out.
        side: longer side of a frame in pixels; larger frames are shrunk to it.
        objects: prompted objects of a clip.
        sessions: open sessions.
        jobs: runs at the same time, and previews at the same time; each needs a copy of its model.
        waiting: queued runs.
        idle_minutes: a session idle for longer is closed and its files are removed.
    """

    megabytes: int = 100
    frames: int = 300
    side: int = 1280
    objects: int = 10
    sessions: int = 20
    jobs: int = 1
    waiting: int = 8
    idle_minutes: float = 15.0
