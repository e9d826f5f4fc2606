"""Object lists of YouTube-VOS: the frames of each object, and whether its class is seen or unseen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gvseg.formats.errors import InputError
from gvseg.formats.files import natural_order, read_names
from gvseg.formats.vos import read_vos_meta

GROUPS = ('seen', 'unseen')


@dataclass(frozen=True)
class ObjectSpan:
    """Entry of one object in meta.json: its frames, the first of them, and its group."""

    frames: frozenset[str]
    first: str
    group: str | None = None

    def scores(self, frame: str) -> bool:
        """Whether the object is scored in this frame: one of its frames except the first."""
        return frame in self.frames and frame != self.first


VideoSpans = dict[int, ObjectSpan]


def read_spans(meta_file: str, unseen: Collection[str]) -> dict[str, VideoSpans]:
    """Objects of every video of a meta.json.

    Args:
        meta_file: path.
        unseen: names of the classes that are not in the training set.

    Raises:
        InputError: missing or malformed file; an object without frames or class.
    """
    spans: dict[str, VideoSpans] = {}
    for video, objects in read_vos_meta(meta_file).items():
        spans[video] = {}
        for identity, item in objects.items():
            where = f'{meta_file}, video {video}, object {identity}'
            if not item.frames:
                raise InputError(f'{where}: "frames" is missing or empty; it must be a list of frame names')
            if not item.category:
                raise InputError(f'{where}: "category" is missing; it must be the name of a class')
            group = GROUPS[item.category in unseen]
            spans[video][identity] = ObjectSpan(frozenset(item.frames), item.frames[0], group)
    return spans


def required_frames(spans: VideoSpans) -> list[str]:
    """Frames of a video for which the server requires a PNG, in natural order."""
    return natural_order(set().union(*(span.frames for span in spans.values())))


def read_unseen(path: str | None) -> Sequence[str]:
    """Names of the unseen classes; empty without a file."""
    return tuple(read_names(path)) if path else ()
