"""Converters write below their folder only, one at a time, and files that are whole or absent."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gvseg.conversion.burst import convert_burst
from gvseg.conversion.coco import convert_coco
from gvseg.conversion.common import Job, place
from gvseg.conversion.instances import convert_instances
from gvseg.conversion.objects import convert_davis, convert_youtube_vos
from gvseg.conversion.semantic import convert_vspw
from gvseg.conversion.vipseg import convert_vipseg
from gvseg.formats.errors import InputError
from gvseg.formats.locks import folder_lock

from . import benchmark_trees as trees
from .conftest import edit_json

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ('../../../escaped', '/tmp/escaped', 'a/../../../../escaped', 'a\0b', 'x' * 300)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Convert parts of a data set from one folder to another, deep enough for names to lead out."""
    (tmp_path / 'a/b/download').mkdir(parents=True)
    return Job(tmp_path / 'a/b/download', tmp_path / 'a/b/out', jobs=1, allow_partial=True)


def refused(job: Job, convert, *arguments: str) -> None:
    """The converter names the fault and writes nothing outside."""
    before = sorted(path for path in job.out.parents[1].rglob('*') if not path.is_relative_to(job.out))
    with pytest.raises(InputError, match='name'):
        convert(job, *arguments)
    assert sorted(path for path in job.out.parents[1].rglob('*') if not path.is_relative_to(job.out)) == before
    assert not list(job.out.rglob('*.json')) and not Path('/tmp/escaped').exists()


@pytest.mark.parametrize('name', OUTSIDE)
def test_instances(job: Job, name: str) -> None:
    trees.youtube_vis(job.source, dict(train=1))
    edit_json(
        job.source / 'annotations_train.json', lambda c: c['videos'][0]['file_names'].__setitem__(0, f'{name}/img.jpg')
    )
    refused(job, convert_instances, 'ovis')


@pytest.mark.parametrize('name', OUTSIDE)
def test_coco(job: Job, name: str) -> None:
    trees.coco(job.source)
    edit_json(job.source / 'annotations/instances_train2017.json', lambda c: c['images'][0].update(file_name=name))
    refused(job, convert_coco)


@pytest.mark.parametrize('key', ['seq_name', 'dataset'])
@pytest.mark.parametrize('name', OUTSIDE)
def test_burst_sequences(job: Job, name: str, key: str) -> None:
    trees.burst(job.source, dict(val=1))
    edit_json(job.source / 'annotations/val/all_classes.json', lambda c: c['sequences'][0].update({key: name}))
    refused(job, convert_burst)


@pytest.mark.parametrize('key', ['annotated_image_paths', 'all_image_paths'])
def test_burst_frames(job: Job, key: str) -> None:
    trees.burst(job.source, dict(val=1))
    edit_json(
        job.source / 'annotations/val/all_classes.json',
        lambda c: c['sequences'][0][key].__setitem__(0, '../../../../../../escaped.jpg'),
    )
    refused(job, convert_burst)


@pytest.mark.parametrize('name', OUTSIDE)
def test_youtube_vos(job: Job, name: str) -> None:
    trees.youtube_vos(job.source, dict(train=1))
    edit_json(job.source / 'train/meta.json', lambda c: c['videos'].update({name: c['videos'].pop('train_0')}))
    refused(job, convert_youtube_vos)


@pytest.mark.parametrize('name', [name for name in OUTSIDE if not name.startswith('/')])
def test_lists_of_videos(job: Job, name: str) -> None:
    trees.davis(job.source, '2017', dict(train=['bear']))
    (job.source / 'DAVIS/ImageSets/2017/train.txt').write_text(f'bear\n{name}\n')
    refused(job, convert_davis, '2017')
    trees.vspw(job.source, dict(train=1))
    (job.source / 'VSPW_480p/train.txt').write_text(f'{name}\n')
    refused(job, convert_vspw)


def test_vipseg_removes_no_folder_outside(job: Job) -> None:
    """Its folder of unfinished maps is removed before it is made; its name comes from the list."""
    trees.vipseg(job.source, dict(train=1))
    (job.source / 'train.txt').write_text('../../../kept\n')
    kept = job.out.parents[1] / 'kept.part'
    kept.mkdir()
    (kept / 'file').write_text('x')
    (job.source / 'imgs').mkdir(exist_ok=True)
    refused(job, convert_vipseg)
    assert (kept / 'file').is_file()


def test_no_file_is_placed_outside(job: Job) -> None:
    (job.source / 'a.jpg').write_bytes(b'x')
    with pytest.raises(InputError, match='is outside of'):
        place(job.source / 'a.jpg', job.out / '..' / 'a.jpg', job)


def test_the_official_download_of_burst(job: Job) -> None:
    """``train/train.json`` and no other file of train."""
    trees.burst(job.source, dict(train=1, val=1))
    folder = job.source / 'annotations/train'
    (folder / 'all_classes.json').rename(folder / 'train.json')
    (folder / 'first_frame_annotations.json').unlink()
    assert convert_burst(job) == dict(train=1, val=1)
    written = json.loads((job.out / 'annotations/train/all_classes.json').read_text())
    assert written['split'] == 'train' and len(written['sequences']) == 1


def command(job: Job, name: str = 'ovis') -> subprocess.CompletedProcess:
    """Run a converter's command."""
    line = [
        sys.executable,
        str(ROOT / f'tools/dataset_converters/{name}.py'),
        str(job.source),
        '--out',
        str(job.out),
        '--jobs',
        '1',
        '--allow-partial',
    ]
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    return subprocess.run(line, capture_output=True, text=True, check=False, env=environment)


def test_two_converters_on_one_folder(job: Job) -> None:
    trees.youtube_vis(job.source, dict(train=1))
    with folder_lock(job.out):
        second = command(job)
    assert second.returncode == 2
    assert 'out: another process is writing here; wait until it has ended' in second.stderr.strip().splitlines()[-1]
    assert 'Traceback' not in second.stderr and not list(job.out.iterdir())


FULL_DISK = """
import sys
from pathlib import Path
from gvseg.moving_shapes import SplitSettings, generate_split
try:
    generate_split(Path(sys.argv[1]), SplitSettings('train', 2, 3, 0, (48, 80)))
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.parametrize('limit', [400, 1000, 1500])
def test_a_full_disk_leaves_whole_files_only(tmp_path: Path, limit: int) -> None:
    """A limit on the size of files stands for the full disk: it strikes in images, maps or the index."""

    def lower() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, '-c', FULL_DISK, str(tmp_path)],
        preexec_fn=lower,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, 'PYTHONPATH': str(ROOT)},
    )
    assert 'Cannot write Moving Shapes to' in done.stdout, done.stderr
    files = [path for path in tmp_path.rglob('*') if path.is_file()]
    assert all(path.stat().st_size < limit and not path.name.endswith('.part') for path in files)
    assert not [path for path in files if path.name == 'moving_shapes.json']
