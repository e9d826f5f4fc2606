"""Result lists that repeat a long value: it is parsed once.

A model that reports a tube under several categories writes its segmentations once for each: most of a result file.
"""

from collections.abc import Callable
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from .files import PathLike
from .json_files import parse_json, strict_decoder

_SPACES, _KEY_CHARACTERS = ' \t\n\r', 64


def parse_entries(data: bytes, path: PathLike, repeated: str) -> Any:
    """Parse the bytes of a JSON file, as :func:`~gvseg.formats.json_files.parse_json` does.

    In a list of objects, equal values of the field ``repeated`` are one Python object, which must not be changed.

    Args:
        data, path: as in ``parse_json``.
        repeated: name of the field.

    Raises:
        InputError: as ``parse_json``.
    """
    try:
        return _EntryParser(data.decode('utf-8-sig'), repeated).parse()
    except (ValueError, IndexError, StopIteration, RecursionError):
        return parse_json(data, path)  # another layout, or it names the fault


class _EntryParser:
    """Parser of a list of objects; raises ValueError, IndexError, StopIteration or RecursionError on anything else.

    Args:
        text: the file.
        repeated: name of the field whose values are parsed once.
    """

    def __init__(self, text: str, repeated: str) -> None:
        decoder = strict_decoder()
        self.text, self.repeated = text, repeated
        self.scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once  # type: ignore[attr-defined]
        self.join: Callable[[list[tuple[str, Any]]], dict[str, Any]] = decoder.object_pairs_hook
        self.known: dict[str, list[tuple[str, Any]]] = {}

    def parse(self) -> list[dict[str, Any]]:
        entries, place = self._items('[', ']', 0, self._entry)
        if self._skip(place) < len(self.text):
            raise ValueError('text after the list')
        return entries

    def _skip(self, place: int) -> int:
        """The next place that is not white space."""
        while self.text[place : place + 1] in _SPACES and place < len(self.text):
            place += 1
        return place

    def _expect(self, character: str, place: int) -> int:
        """The place after a character."""
        place = self._skip(place)
        if self.text[place] != character:
            raise ValueError(f'no {character}')
        return place + 1

    def _items(
        self, opening: str, closing: str, place: int, item: Callable[[int], tuple[Any, int]]
    ) -> tuple[list, int]:
        """Items between brackets, separated by commas, and the place after them."""
        place = self._expect(opening, place)
        if self.text[self._skip(place)] == closing:
            return [], self._skip(place) + 1
        found = []
        while True:
            value, place = item(self._skip(place))
            found.append(value)
            place = self._skip(place)
            if self.text[place] != ',':
                return found, self._expect(closing, place)
            place += 1

    def _entry(self, place: int) -> tuple[dict[str, Any], int]:
        pairs, place = self._items('{', '}', place, self._pair)
        return self.join(pairs), place

    def _pair(self, place: int) -> tuple[tuple[str, Any], int]:
        key, place = scanstring(self.text, self._expect('"', place), True)
        place = self._skip(self._expect(':', place))
        value, place = self._repeated(place) if key == self.repeated else self.scan(self.text, place)
        return (key, value), place

    def _repeated(self, place: int) -> tuple[Any, int]:
        """A list that is parsed once: a text that begins with a whole list holds that list."""
        candidates = self.known.setdefault(self.text[place : place + _KEY_CHARACTERS], [])
        for text, value in candidates:
            if self.text.startswith(text, place):
                return value, place + len(text)
        value, end = self.scan(self.text, place)
        if isinstance(value, list):
            candidates.append((self.text[place:end], value))
        return value, end
