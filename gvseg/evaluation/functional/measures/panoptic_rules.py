"""Rules of VPQ and STQ: windows, averages, classes, labels of pixels without a class.

Shapes: C classes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gvseg.formats.constants import PACKED_VOID
from gvseg.formats.errors import InputError
from gvseg.formats.panoptic_segments import Category

# Labels of pixels without a class. False positives on either are ignored; only VOID is removed from a match's union.
VOID = PACKED_VOID
UNCLAIMED = -2


@dataclass(frozen=True)
class PanopticRule:
    """How VPQ is counted and averaged.

    Attributes:
        windows: window lengths in frames, stride 1.
        mean_over: 'seen' = classes with a true positive, false positive or false negative, separately for all, things
            and stuff; 'all' = every class, 0 where absent.
        match_above: a pair of tubes matches if its IoU exceeds this.
        subtract_void: the prediction's pixels on void are removed from the union of a match.
        ignore_above: an unmatched prediction with a larger fraction in void or crowd is not a false positive.
        short_videos: a video shorter than a window is left out ('skip') or forms one window ('whole').
        extra_labels: labels 0..C+extra-1 are allowed; those from C on can cause errors but are not scored themselves.
    """

    windows: tuple[int, ...]
    mean_over: str = 'seen'
    match_above: float = 0.5
    subtract_void: bool = True
    ignore_above: float = 0.5
    short_videos: str = 'skip'
    extra_labels: int = 0

    def __post_init__(self) -> None:
        if not self.windows or any(length < 1 for length in self.windows):
            raise ValueError(f'windows are {self.windows}; each must have at least 1 frame')
        for name, allowed in (('mean_over', ('seen', 'all')), ('short_videos', ('skip', 'whole'))):
            if getattr(self, name) not in allowed:
                raise ValueError(f'{name} is {getattr(self, name)!r}; it is one of {allowed}')


@dataclass(frozen=True)
class PanopticClasses:
    """The classes of a benchmark, as labels 0..C-1.

    Attributes:
        ids: category id of every label.
        things: labels of things.
        names: class names, for tables.
    """

    ids: tuple[int, ...]
    things: frozenset[int]
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def from_categories(
        cls, categories: Iterable[Category], where: str = 'categories', category_ids: Sequence[int] = ()
    ) -> 'PanopticClasses':
        """Classes of a file.

        Args:
            categories: categories of the file.
            where: file, for errors.
            category_ids: category id of every label; default: sorted ids.

        Raises:
            InputError: a category is not in the file.
        """
        known = {category.id: category for category in categories}
        order = tuple(category_ids) or tuple(sorted(known))
        missing = [identity for identity in order if identity not in known]
        if missing:
            raise InputError(f'{where}: has no category id {missing[0]}')
        return cls(
            order,
            frozenset(label for label, identity in enumerate(order) if known[identity].is_thing),
            tuple(known[identity].name for identity in order),
        )
