"""Which objects of a video were lost or never found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .shown_objects import ObjectPrompt


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
        source: what that prompt is called in messages ("--points 0:200,110"), or empty.
    """

    identity: int
    name: str
    shown: int
    first: int | None
    last: int | None
    lost: int | None
    source: str = ''

    @property
    def never_found(self) -> bool:
        """Whether it is in no frame at all."""
        return self.first is None

    @property
    def message(self) -> str:
        """One line about a lost or never found object; empty for one that is there to the end."""
        title = f'Object {self.identity}{f" ({self.name})" if self.name else ""}'
        if self.never_found:
            source = f' ({self.source})' if self.source else ''
            return (
                f'{title}, shown in frame {self.shown}{source}, was found in no frame. '
                'Show it by a mask or a box, or in a frame where it is larger.'
            )
        if self.lost is None:
            return ''
        return f'{title} is lost at frame {self.lost}. If it is still in view there, show it again in that frame.'


def report_objects(
    prompts: Iterable[ObjectPrompt],
    found: Iterable[tuple[int, Iterable[int]]],
    end: int,
    names: Mapping[int, str] | None = None,
    backward: bool = False,
) -> list[ObjectReport]:
    """A report of every object, by id.

    Args:
        prompts: of all objects; those that say what an object is not are left out.
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
    shown: dict[int, ObjectPrompt] = {}
    for prompt in sorted((prompt for prompt in prompts if prompt.positive), key=lambda prompt: prompt.frame):
        shown.setdefault(prompt.identity, prompt)
    reports = []
    for identity, prompt in sorted(shown.items()):
        first, last = span.get(identity, (None, None))
        final = first if backward else last
        lost = None if final is None or final == end else final + (-1 if backward else 1)
        name = (names or {}).get(identity, '')
        reports.append(ObjectReport(identity, name, prompt.frame, first, last, lost, prompt.source))
    return reports
