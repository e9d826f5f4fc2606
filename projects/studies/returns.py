"""Returns of hidden things: definition, correctness of the id, and the table.

Shapes:
    n: things of a video; T: frames.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

NEAR = 9  # frames before hiding and after coming back in which an id is looked for
DURATIONS = ((1, 1), (2, 2), (3, 4), (5, 8), (9, 99))  # clips hidden: columns of the table


@dataclass(frozen=True)
class Return:
    """A thing that was hidden and is visible again, or one that stayed visible (the control).

    Attributes:
        clips: whole clips in which it was not visible.
        before, after: predicted ids, -1: not found.
        others: ids that predictions of other things had before it was hidden.
    """

    clips: int
    before: int
    after: int
    others: frozenset = frozenset()

    @property
    def found(self) -> bool:
        """Predicted both before and after."""
        return self.before >= 0 and self.after >= 0

    @property
    def right(self) -> bool:
        """Found with the same id."""
        return self.found and self.before == self.after

    @property
    def swapped(self) -> bool:
        """Found with the id of another thing."""
        return self.found and not self.right and self.after in self.others


def gaps(visible: np.ndarray, clip_length: int) -> Iterator[tuple[int, int, int]]:
    """First frame, end and number of whole clips of every gap between visible frames; ``visible`` is (T,) bool."""
    seen = np.flatnonzero(visible)
    for last, back in zip(seen[:-1], seen[1:]):
        clips = back // clip_length - -(-(last + 1) // clip_length)
        if clips >= 1:
            yield int(last) + 1, int(back), int(clips)


def returns_of(ids: np.ndarray, visible: np.ndarray, clip_length: int) -> tuple[list[Return], list[Return]]:
    """Returns and controls of one video.

    Args:
        ids: predicted id of each thing in each frame, -1: none, (n, T).
        visible: (n, T) bool.
        clip_length: frames of a clip.
    """
    returned, control = [], []
    for thing, seen in enumerate(visible):
        for start, end, clips in gaps(seen, clip_length):
            first, last = max(0, start - NEAR), end + NEAR
            around = [(int(_last_id(row[first:start])), int(_last_id(row[end:last][::-1]))) for row in ids]
            others = frozenset(before for other, (before, _) in enumerate(around) if other != thing and before >= 0)
            returned.append(Return(clips, *around[thing], others))
            control += [Return(clips, *around[other]) for other in range(len(ids)) if visible[other, first:last].all()]
    return returned, control


def _last_id(ids: np.ndarray) -> int:
    found = ids[ids >= 0]
    return found[-1] if len(found) else -1


def table(found: dict[str, tuple[list[Return], list[Return]]]) -> str:
    """Markdown table: per associator the returns with the correct id, by clips hidden, and the control."""
    names = [
        '1 clip' if low == high == 1 else f'{low}' if low == high else f'{low}-{high}' if high < 99 else f'{low}+'
        for low, high in DURATIONS
    ]
    lines = [
        "| associator | returns | found | right id | another's id | in view: same id | "
        + ' | '.join(f'hidden {name}' for name in names)
        + ' |',
        '|---' * (6 + len(names)) + '|',
    ]
    for name, (returned, control) in found.items():
        parts = [[case for case in returned if low <= case.clips <= high] for low, high in DURATIONS]
        swapped = sum(case.swapped for case in returned)
        lines.append(
            f'| {name} | {len(returned)} | {sum(case.found for case in returned)} | {share(returned)} | '
            f'{swapped} | {share(control)} | ' + ' | '.join(map(share, parts)) + ' |'
        )
    return '\n'.join(lines)


def share(cases: Sequence[Return]) -> str:
    """``right/found = percent``."""
    found, right = sum(case.found for case in cases), sum(case.right for case in cases)
    return f'{right}/{found} = {100 * right / found:.0f} %' if found else '-'
