"""A converter that is stopped leaves no half file and, run again, makes what one that was not stopped makes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gvseg.conversion import common
from gvseg.conversion.burst import convert_burst
from gvseg.conversion.coco import convert_coco
from gvseg.conversion.common import Job
from gvseg.conversion.instances import convert_instances
from gvseg.conversion.kitti_step import convert_kitti_step
from gvseg.conversion.objects import convert_davis, convert_youtube_vos
from gvseg.conversion.semantic import convert_vspw
from gvseg.conversion.vipseg import convert_vipseg
from gvseg.formats.class_lists import YOUTUBE_VIS_2021_CLASSES

from . import benchmark_trees as trees

CONVERTERS = {
    'ovis': (partial(trees.youtube_vis, splits=dict(train=3, valid=1)), partial(convert_instances, benchmark='ovis')),
    'youtube_vis_2021': (
        partial(trees.youtube_vis, splits=dict(train=3), classes=YOUTUBE_VIS_2021_CLASSES),
        partial(convert_instances, benchmark='youtube_vis_2021'),
    ),
    'vspw': (partial(trees.vspw, splits=dict(train=2, val=1)), convert_vspw),
    'vipseg': (partial(trees.vipseg, splits=dict(train=2, val=1)), convert_vipseg),
    'kitti_step': (partial(trees.kitti_step, sequences=dict(train=['0000'], val=['0002'])), convert_kitti_step),
    'youtube_vos': (partial(trees.youtube_vos, splits=dict(train=2, valid=1)), convert_youtube_vos),
    'davis': (
        partial(trees.davis, year='2017', names=dict(train=['bear'], val=['dog'])),
        partial(convert_davis, year='2017'),
    ),
    'burst': (partial(trees.burst, splits=dict(train=2, val=1)), convert_burst),
    'coco': (trees.coco, convert_coco),
}


class PulledPlug(BaseException):
    """What a killed process sees: nothing that code catches."""


def plugged(function: Callable, calls: int) -> Callable:
    """The function, pulled out of the wall at this call."""
    left = [calls]

    def call(*arguments, **options):
        left[0] -= 1
        if left[0] <= 0:
            raise PulledPlug
        return function(*arguments, **options)

    return call


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a tree."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob('*')) if path.is_file()}


@pytest.mark.parametrize('name', CONVERTERS)
def test_stopped_before_every_file(name, tmp_path, monkeypatch):
    make, convert = CONVERTERS[name]
    source, whole = tmp_path / 'download', tmp_path / 'whole'
    source.mkdir()
    make(source)
    made = convert(Job(source, whole, allow_partial=True, link='copy'))
    expected, calls, stops = contents(whole), 0, 0
    while True:
        calls += 1
        job = Job(source, tmp_path / f'out_{calls}', allow_partial=True, link='copy')
        with monkeypatch.context() as patch:
            # Every file comes to its place by this one call: pulling the plug there leaves its ".part" behind.
            patch.setattr(common.os, 'replace', plugged(common.os.replace, calls))
            try:
                convert(job)
                break
            except PulledPlug:
                stops += 1
        found = {path: data for path, data in contents(job.out).items() if '.part' not in path}
        assert found == {path: expected[path] for path in found}
        stamps = {path: (job.out / path).stat().st_mtime_ns for path in found if not path.endswith(('.json', '.txt'))}
        assert convert(job) == made
        assert contents(job.out) == expected
        assert stamps == {path: (job.out / path).stat().st_mtime_ns for path in stamps}
    assert stops == calls - 1 >= 3
