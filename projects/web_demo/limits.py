"""What one user may ask for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of the service; each is an argument of ``app.py``.

    Attributes:
        megabytes: size of an uploaded file.
        frames: length of a clip.
        side: longer side of a frame in pixels.
        objects: objects shown in a clip.
        sessions: open pages.
        jobs: runs at the same time; each needs a copy of its model.
        waiting: runs that may wait for one of these.
        idle_minutes: a page that has not been heard of for so long is closed and its files are removed.
    """

    megabytes: int = 100
    frames: int = 300
    side: int = 1920
    objects: int = 10
    sessions: int = 20
    jobs: int = 1
    waiting: int = 8
    idle_minutes: float = 15.0
