"""Which objects of a video were lost or never found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ObjectReport:
    """Where one object was found.

    Attributes:
        identity: object id.
        name: its name, or empty.
        shown: first frame in which it was shown by a prompt.
        first, last: first and last frame in which it was found; ``None``: in none.
        lost: first frame, in the direction of the run, from which on it is in no frame; ``None``: it is there to the
            end, or was never found.
    """

    identity: int
    name: str
    shown: int
    first: int | None
    last: int | None
    lost: int | None

    @property
    def never_found(self) -> bool:
        """Whether it is in no frame at all."""
        return self.first is None

    @property
    def message(self) -> str:
        """One line about a lost or never found object; empty for one that is there to the end."""
        title = f'Object {self.identity}{f" ({self.name})" if self.name else ""}'
        if self.never_found:
            return (
                f'{title}, shown in frame {self.shown}, was found in no frame. Show it by a mask or a box, or in a '
                'frame where it is larger.'
            )
        if self.lost is None:
            return ''
        return f'{title} is lost at frame {self.lost}. If it is still in view there, show it again in that frame.'


def report_objects(
    shown: Mapping[int, int],
    found: Iterable[tuple[int, Iterable[int]]],
    end: int,
    names: Mapping[int, str] | None = None,
    backward: bool = False,
) -> list[ObjectReport]:
    """A report of every object, by id.

    Args:
        shown: object id -> first frame in which it was shown.
        found: frames with the ids found in them, in any order.
        end: last frame of the run, the first one of the video where it runs backward.
        names: of the objects that have one.
        backward: the run goes from high frames to low ones.
    """
    span: dict[int, tuple[int, int]] = {}
    for frame, ids in found:
        for identity in ids:
            low, high = span.get(identity, (frame, frame))
            span[identity] = (min(low, frame), max(high, frame))
    reports = []
    for identity in sorted(shown):
        first, last = span.get(identity, (None, None))
        final = first if backward else last
        lost = None if final is None or final == end else final + (-1 if backward else 1)
        reports.append(ObjectReport(identity, (names or {}).get(identity, ''), shown[identity], first, last, lost))
    return reports
