"""Files that ``gvseg segment`` writes: where they go, and what writes them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from gvseg.apis import CocoFile, CutoutFolder, DrawnVideo, MapFolder, ResultFile, SideBySideVideo, TubeFile, VideoSource
from gvseg.utils.errors import InputError
from gvseg.utils.work_dir import prepare_output_file, prepare_output_folder

VIDEO_SUFFIXES = ('.mp4', '.m4v', '.mov')
SAVED = {'coco': '.coco.json', 'side-by-side': '.side-by-side.mp4', 'cutouts': '_cutouts'}
"""Values of ``--save`` without an option of their own, and what their files' or folder's name ends in."""


@dataclass(frozen=True)
class Places:
    """Paths of the results.

    Attributes:
        video: mp4.
        tubes: JSON of tubes; ``None``: not wanted.
        maps: folder of maps; ``None``: not wanted.
        saved: path by value of ``SAVED``.
    """

    video: Path
    tubes: Path | None
    maps: Path | None
    saved: dict[str, Path] = field(default_factory=dict)


def choose_places(arguments: argparse.Namespace, source: VideoSource) -> Places:
    """Choose the paths of the results and check that they can be written.

    Raises:
        InputError: the name does not end in .mp4, or is the video itself.
        WorkDirError: a folder where a file is wanted, or one that cannot be written.
    """
    out = arguments.out or Path('work_dirs/demo') / f'{source.path.stem}.mp4'
    table = arguments.save_json or 'json' in arguments.save
    maps = arguments.save_png or 'png' in arguments.save
    places = Places(
        out,
        (out.with_suffix('.json') if table is True else table) or None,
        (out.with_suffix('') if maps is True else maps) or None,
        {name: out.with_name(out.stem + ending) for name, ending in SAVED.items() if name in arguments.save},
    )
    if out.suffix.lower() not in VIDEO_SUFFIXES and not out.is_dir():
        raise InputError(f'--out {out}: an mp4 is written, so give a name that ends in .mp4.')
    if places.tubes == out:
        raise InputError(f'--save-json {out} is the file of --out: give another name.')
    if out.exists() and source.path.is_file() and out.samefile(source.path):
        raise InputError(f'--out {out} is the video itself, which would be overwritten: give another name.')
    _prepare(places)
    return places


def _prepare(places: Places) -> None:
    """Make the folders; raise where a place cannot be written."""
    prepare_output_file(places.video, '--out')
    if places.tubes:
        prepare_output_file(places.tubes, '--save-json')
    if places.maps:
        prepare_output_folder(places.maps, '--save-png')
    for name, path in places.saved.items():
        prepare = prepare_output_file if path.suffix else prepare_output_folder
        prepare(path, f'--save {name}')


def result_files(
    arguments: argparse.Namespace, places: Places, source: VideoSource, names: tuple[str, ...]
) -> list[ResultFile]:
    """The result files to write."""
    score, side = arguments.min_score, arguments.max_side
    files: list[ResultFile] = [DrawnVideo(places.video, source.fps, names, score, arguments.columns, source, side)]
    files += [TubeFile(places.tubes, names)] if places.tubes else []
    files += [MapFolder(places.maps, score)] if places.maps else []
    for name, path in places.saved.items():
        if name == 'side-by-side':
            files.append(SideBySideVideo(path, source.fps, names, score, 0, source, side))
        else:
            files.append((CocoFile if name == 'coco' else CutoutFolder)(path, names, score))
    return files
