"""Object prompts of the command line: the values of ``--points``, ``--boxes``, ``--masks``, ``--negative``.

Without ``--object`` every positive value is a new object, and a negative one belongs to the object before it. After
``--object N`` all values belong to object N, until the next ``--object``.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from gvseg.apis import ObjectPrompt
from gvseg.formats.object_maps import read_objects
from gvseg.utils.errors import InputError

FORMS = dict(points='FRAME:X,Y', boxes='FRAME:X1,Y1,X2,Y2', negative='FRAME:X,Y or FRAME:X1,Y1,X2,Y2')
COUNTS = dict(points=(2,), boxes=(4,), negative=(2, 4))
"""Option -> how many numbers a value may have: two are a point, four a box."""


def numbers(text: str, option: str) -> tuple[int, list[float]]:
    """Read ``FRAME:A,B,...``.

    Raises:
        InputError: not of the option's form; names the option.
    """
    frame, _, rest = text.partition(':')
    try:
        values = [float(value) for value in rest.split(',')]
        if len(values) not in COUNTS[option]:
            raise ValueError
        return int(frame), values
    except ValueError:
        example = ','.join(str(20 * i) for i in range(1, COUNTS[option][0] + 1))
        raise InputError(f'--{option} {text}: write {FORMS[option]}, for example --{option} 0:{example}.') from None


def read_value(option: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Frame and shape (``point``, ``box`` or ``mask``) of what a value shows; a picture may show several objects.

    Raises:
        InputError: not of the option's form, or a picture that cannot be read.
    """
    if option != 'masks':
        frame, values = numbers(text, option)
        yield frame, {'point' if len(values) == 2 else 'box': values}
        return
    number, _, path = text.partition(':')
    if not number.isdecimal() or not path:
        raise InputError(f'--masks {text}: write FRAME:FILE, for example --masks 0:first.png.')
    for mask in read_objects(path).values():
        yield int(number), dict(mask=mask)


def command_prompts(given: Sequence[tuple[str, Any]]) -> list[ObjectPrompt]:
    """The prompts of a command line.

    Args:
        given: (option, value) in the order of the command line; ``object`` has a number, the others a text.

    Raises:
        InputError: a value that cannot be read, a negative prompt before any object, an object without a positive
            one, or a picture of several objects for one.
    """
    prompts: list[ObjectPrompt] = []
    chosen: int | None = None
    for option, value in given:
        if option == 'object':
            chosen = value
            continue
        source, positive, shown = f'--{option} {value}', option != 'negative', list(read_value(option, value))
        if chosen is not None and len(shown) > 1:
            raise InputError(
                f'{source}: the picture shows {len(shown)} objects, but --object {chosen} is one: save each to a file.'
            )
        for frame, shape in shown:
            identity = _identity(prompts, chosen, positive, source)
            prompts.append(ObjectPrompt(identity, frame, source=source, positive=positive, **shape))
    known = {prompt.identity for prompt in prompts if prompt.positive}
    unknown = next((prompt for prompt in prompts if prompt.identity not in known), None)
    if unknown is not None:
        raise InputError(
            f'{unknown.source}: object {unknown.identity} has negative prompts only: show what it is by --points, '
            '--boxes or --masks.'
        )
    return prompts


def _identity(prompts: list[ObjectPrompt], chosen: int | None, positive: bool, source: str) -> int:
    """The object that the next prompt shows."""
    if chosen is not None:
        return chosen
    if positive:
        return max((prompt.identity for prompt in prompts), default=0) + 1
    if not prompts:
        raise InputError(f'{source}: a negative prompt belongs to the object before it: give a positive one first.')
    return prompts[-1].identity


def command_names(given: Sequence[str]) -> dict[int, str]:
    """Names of objects, from ``ID:NAME``.

    Raises:
        InputError: not of that form.
    """
    names = {}
    for text in given:
        identity, _, name = text.partition(':')
        if not identity.isdecimal() or not name.strip():
            raise InputError(f'--names {text}: write ID:NAME, for example --names 1:dog.')
        names[int(identity)] = name.strip()
    return names


def check_names(names: dict[int, str], prompts: Sequence[ObjectPrompt]) -> None:
    """Raise InputError for a name of an object that is not shown."""
    known = sorted({prompt.identity for prompt in prompts})
    for identity, name in names.items():
        if identity not in known:
            raise InputError(
                f'--names {identity}:{name}: there is no object {identity}; there are: '
                f'{", ".join(map(str, known)) or "none"}.'
            )
