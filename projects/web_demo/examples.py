"""Example clips: a real one, and generated shapes."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2

from gvseg.moving_shapes import render_video
from gvseg.utils.errors import InputError

FOLDER = Path(__file__).parent / 'example_clips'
SHAPES_FRAMES, SHAPES_SIZE = 30, (96, 160)


@dataclass(frozen=True)
class Example:
    """An example.

    Attributes:
        name: for the page.
        file: in ``FOLDER``; empty: generated.
        seed: of generated shapes; the models have not been trained on them.
        credit: source and licence, for the page.
    """

    name: str
    file: str = ''
    seed: int = 0
    credit: str = ''

    @property
    def real(self) -> bool:
        """Whether it is a real video."""
        return bool(self.file)


EXAMPLES = {
    one.name: one
    for one in (
        Example(
            'Chair',
            file='chair.mp4',
            credit='Clip: the start of "chair" of PUMaVOS (Bekuzarov, Bermudez, Lee, Li, 2023), CC BY 4.0, compressed.',
        ),
        Example('Shapes 1', seed=2),
        Example('Shapes 2', seed=28),
        Example('Shapes 3', seed=18),
    )
}


def find_example(name: str) -> Example:
    """The example of a name.

    Raises:
        InputError: There is none.
    """
    if name not in EXAMPLES:
        raise InputError(f'There is no example {name!r}; there are {", ".join(EXAMPLES)}.')
    return EXAMPLES[name]


def example_path(example: Example, folder: Path) -> Path:
    """Path of an example's file, or of the folder of its frames, which are generated unless they exist."""
    if example.real:
        return FOLDER / example.file
    target = folder / example.name
    if not target.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(suffix='.part', dir=folder))  # two sessions may ask at once
        for index, frame in enumerate(render_video((example.seed,), SHAPES_FRAMES, SHAPES_SIZE)):
            cv2.imwrite(str(part / f'{index:03d}.png'), frame.image)
        try:
            part.rename(target)
        except OSError:
            shutil.rmtree(part, ignore_errors=True)
            if not target.is_dir():
                raise
    return target
