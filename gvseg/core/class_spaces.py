"""One list of classes for several data sets; classes of equal names are one class."""

from collections.abc import Iterable, Sequence


def plain_name(name: str) -> str:
    """A class name without what data sets write differently: ``'Giant_Panda'`` and ``'giant panda'`` are equal."""
    return ' '.join(name.casefold().replace('_', ' ').replace('-', ' ').split())


def shared_classes(spaces: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The classes of several data sets without repetition, in the order in which they first occur."""
    found: dict[str, str] = {}
    for names in spaces:
        for name in names:
            found.setdefault(plain_name(name), name)
    return tuple(found.values())


def class_rows(names: Sequence[str], shared: Sequence[str]) -> list[int]:
    """Places of a data set's classes in a shared list.

    Raises:
        ValueError: two of the classes are one class in the list, or one is not in it.
    """
    places = {plain_name(name): place for place, name in enumerate(shared)}
    unknown = [name for name in names if plain_name(name) not in places]
    if unknown:
        raise ValueError(f'the class {unknown[0]!r} is not in the shared list of classes')
    rows = [places[plain_name(name)] for name in names]
    twice = [name for index, name in enumerate(names) if rows[index] in rows[:index]]
    if twice:
        raise ValueError(f'the class {twice[0]!r} occurs twice in one data set')
    return rows
