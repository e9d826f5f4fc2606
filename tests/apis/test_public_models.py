"""Public weights by name: from the hub's cache or a folder, converted once; without a network, with one line each."""

import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from gvseg.apis import VideoSegmenter, public_models
from gvseg.apis.pretrained import find_model
from gvseg.cli.main import main
from gvseg.utils import public_weights
from gvseg.utils.checkpoint import read_meta
from gvseg.utils.errors import CheckpointError
from gvseg.utils.public_weights import PUBLIC_WEIGHTS, find_public_weights

from .local_hub import coco_panoptic, narrow_config, narrow_vit_config, small_mask2former, store

hub = pytest.importorskip('huggingface_hub')
pytest.importorskip('transformers')
pytestmark = pytest.mark.usefixtures('mmdet_scope')
NAME = 'mask2former-swin-tiny-coco-panoptic'
REPOSITORY = f'facebook/{NAME}'


@pytest.fixture(scope='module')
def weights(mmdet_scope, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A narrow Mask2Former of COCO's 133 classes."""
    return small_mask2former(tmp_path_factory.mktemp('weights'), coco_panoptic())


@pytest.fixture(scope='module')
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The narrow config; formatting it takes half a second."""
    return narrow_config(tmp_path_factory.mktemp('narrow'))


@pytest.fixture
def cache(tmp_path: Path, narrow: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, without a network; the row of ``NAME`` has the narrow config."""
    monkeypatch.setattr(hub.constants, 'HF_HUB_CACHE', str(tmp_path / 'hub'))
    monkeypatch.setattr(hub.constants, 'HF_HUB_OFFLINE', True)
    monkeypatch.setenv('GVSEG_CACHE', str(tmp_path / 'gvseg'))
    config = shutil.copy(narrow, str(tmp_path))
    rows = tuple(replace(row, config=config) if row.name == NAME else row for row in PUBLIC_WEIGHTS)
    monkeypatch.setattr(public_weights, 'PUBLIC_WEIGHTS', rows)
    monkeypatch.setattr(public_models, 'PUBLIC_WEIGHTS', rows)
    return tmp_path / 'hub'


@pytest.fixture
def snapshot(cache: Path, weights: Path) -> Path:
    """The weights in that cache."""
    return store(cache, REPOSITORY, weights)


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sources of the conversions that are made."""
    made, convert = [], public_models.convert_file

    def counted(source: str, *arguments: object):
        made.append(source)
        return convert(source, *arguments)

    monkeypatch.setattr(public_models, 'convert_file', counted)
    return made


@pytest.mark.parametrize(
    ('name', 'kind'), [('coco_panoptic_eomt_small_640_2x', 'Eomt'), ('videomt-dinov2-small-ytvis2019', 'Videomt')]
)
def test_encoder_only_networks(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames: list[np.ndarray], name: str, kind: str
) -> None:
    from tests.model_converters.small_networks import CLASSES
    from tests.model_converters.small_vits import their_vit

    config = narrow_vit_config(tmp_path, kind == 'Videomt')
    rows = tuple(replace(row, config=str(config)) if row.name == name else row for row in PUBLIC_WEIGHTS)
    monkeypatch.setattr(public_weights, 'PUBLIC_WEIGHTS', rows)
    their_vit(kind, (4, 4)).save_pretrained(tmp_path / 'weights')
    store(cache, f'tue-mps/{name}', tmp_path / 'weights')
    segmenter = VideoSegmenter.from_pretrained(name)
    result = segmenter(frames[:3], min_score=0.0)
    assert segmenter.class_names == CLASSES and len(result) == 3 and len(result[0].ids) > 0


def left_over(cache: Path) -> list[Path]:
    """Files in the cache of converted weights."""
    return [path for path in cache.with_name('gvseg').rglob('*') if path.is_file()]


def test_a_name_is_enough(snapshot: Path, conversions: list[str], frames: list[np.ndarray]) -> None:
    segmenter = VideoSegmenter.from_pretrained(NAME)
    result = segmenter(frames[:2])
    assert segmenter.class_names == coco_panoptic() and set(result[0].names) <= set(segmenter.class_names)
    assert len(result) == 2 and len(result[0].ids) > 0
    assert find_model(NAME) == find_model(REPOSITORY) and conversions == [str(snapshot)]


def test_the_converted_file_says_what_it_is(snapshot: Path, cache: Path) -> None:
    config, file = find_model(NAME)
    meta = read_meta(str(file))
    assert left_over(cache) == [file] and file.parent.name == NAME
    assert (meta['public_weights'], meta['config'], meta['dataset_meta']['classes'][0]) == (NAME, str(config), 'person')
    assert (snapshot / 'model.safetensors').resolve().parent.name == 'blobs'  # the hub's cache is only read


@pytest.mark.parametrize('place', ['.', 'model.safetensors'])
def test_a_folder_or_file_fetched_by_hand(
    weights: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (row,) = (row for row in public_models.PUBLIC_WEIGHTS if row.name == NAME)
    monkeypatch.setattr(public_models, 'row_of_folder', lambda folder: row)
    assert find_model(weights / place)[0] == Path(row.config) and len(left_over(cache)) == 1


def test_changed_weights_a_config_or_a_newer_converter_convert_again(
    snapshot: Path, cache: Path, conversions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {find_model(NAME)[1]}
    monkeypatch.setattr(public_models, 'CONVERTER_VERSION', 2)
    files.add(find_model(NAME)[1])
    narrow = cache.with_name('narrow.py')
    narrow.write_text(narrow.read_text().replace('min_overlap=0.0', 'min_overlap=0.1'))
    files.add(find_model(NAME)[1])
    assert len(files) == len(conversions) == 3


def test_two_at_a_time_convert_once(snapshot: Path, conversions: list[str]) -> None:
    found = []
    threads = [threading.Thread(target=lambda: found.append(find_model(NAME)[1])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(conversions) == 1 and found[0] == found[1]


def test_the_command_segments_with_a_name(snapshot: Path, video: Path, tmp_path: Path, capsys) -> None:
    assert main(['segment', str(video), '--model', NAME, '--out', str(tmp_path / 'a.mp4'), '--columns', '0']) == 0
    assert (tmp_path / 'a.mp4').stat().st_size > 0 and 'note:' not in capsys.readouterr().err


def test_the_list_is_printed_without_a_video(capsys) -> None:
    with pytest.raises(SystemExit) as end:
        main(['segment', '--list-models'])
    lines = capsys.readouterr().out.splitlines()
    assert end.value.code == 0 and lines[0].split()[:2] == ['name', 'task']
    assert [line.split()[0] for line in lines[1:]] == [row.name for row in PUBLIC_WEIGHTS]


def test_a_mistyped_name_gets_the_nearest() -> None:
    with pytest.raises(CheckpointError, match=f'is no model: did you mean {NAME}'):
        find_model('mask2former-swin-tiny-coco-panoptc')
    with pytest.raises(CheckpointError, match='there is no such file, folder or task. Shipped weights: gvseg-evs'):
        find_model('downloads/nothing')


def test_without_a_network_the_command_is_given(cache: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        find_model(NAME)
    text = str(caught.value)
    assert f'"hf download {REPOSITORY} config.json model.safetensors"' in text and '--model FOLDER' in text
    assert '\n' not in text and not left_over(cache)


@pytest.mark.parametrize(
    'error, said',
    [
        ('GatedRepoError', 'asks you to log in and accept its terms'),
        ('RepositoryNotFoundError', 'is not on the hub, or closed'),
        ('HfHubHTTPError', 'cannot be fetched: with a network, run'),
    ],
)
def test_what_the_hub_refuses_is_one_line(cache: Path, monkeypatch: pytest.MonkeyPatch, error: str, said: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise getattr(hub.errors, error)('403 Client Error.\nMore lines', response=Mock())

    monkeypatch.setattr(hub, 'hf_hub_download', refuse)
    with pytest.raises(CheckpointError, match=f'^{REPOSITORY} {said}.* .403 Client Error..$'):
        find_model(NAME)


def test_a_repository_that_only_has_the_other_file(
    cache: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, conversions: list[str]
) -> None:
    def download(repository: str, name: str) -> str:
        if name == 'model.safetensors':
            raise hub.errors.EntryNotFoundError('404')
        snapshot = cache / 'snapshot'
        snapshot.mkdir(parents=True, exist_ok=True)
        shutil.copy(weights / 'config.json', snapshot)
        torch.save(dict(unused=torch.zeros(1)), snapshot / 'pytorch_model.bin')
        return str(snapshot / name)

    monkeypatch.setattr(hub, 'hf_hub_download', download)
    with pytest.raises(CheckpointError, match="is no Mask2Former in Hugging Face's naming"):
        find_model(NAME)
    assert conversions == [str(cache / 'snapshot')] and not left_over(cache)
    monkeypatch.setattr(
        hub, 'hf_hub_download', Mock(side_effect=['config.json', *[hub.errors.EntryNotFoundError()] * 2])
    )
    with pytest.raises(CheckpointError, match='has no file model.safetensors or pytorch_model.bin: find its weights'):
        find_model(NAME)


def test_without_the_library_of_the_hub(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'huggingface_hub', None)
    with pytest.raises(CheckpointError, match='run "pip install huggingface_hub", or fetch the files another way'):
        find_model(NAME)


def cut(snapshot: Path) -> None:
    """Half of the file."""
    file = (snapshot / 'model.safetensors').resolve()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def cut_without_a_known_sum(snapshot: Path) -> None:
    """Half of the file, in a folder without the hub's names."""
    cut(snapshot)
    file = snapshot / 'model.safetensors'
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content)


def other_network(snapshot: Path) -> None:
    """A wider Mask2Former."""
    for file in snapshot.iterdir():
        file.unlink()
    small_mask2former(snapshot, coco_panoptic(), embed=32)


def fewer_classes(snapshot: Path) -> None:
    """A Mask2Former of two classes."""
    for file in snapshot.iterdir():
        file.unlink()
    small_mask2former(snapshot, ('person', 'yeti'))


@pytest.mark.parametrize(
    'damage, said',
    [
        (cut, 'is damaged, or not the file that was published: its SHA-256 is'),
        (cut_without_a_known_sum, 'is damaged or incomplete'),
        (
            other_network,
            'a Swin Transformer of 32 channels.* but .* describes one on a Swin Transformer of 24 channels',
        ),
        (fewer_classes, f'lacks 132 weights or classes of .*: it is not {NAME}'),
    ],
)
def test_damaged_and_other_files_leave_nothing(
    snapshot: Path, cache: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(snapshot)
    with pytest.raises(CheckpointError, match=said) as caught:
        find_model(NAME)
    assert '\n' not in str(caught.value) and not left_over(cache)


def test_a_sum_of_the_table_is_compared(snapshot: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = tuple(replace(row, sha256='0' * 64) for row in public_weights.PUBLIC_WEIGHTS if row.name == NAME)
    monkeypatch.setattr(public_weights, 'PUBLIC_WEIGHTS', rows)
    with pytest.raises(CheckpointError, match='not 0000000000000000'):
        find_model(NAME)
    assert not left_over(cache)


def test_a_file_outside_of_the_hub(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = find_public_weights('mask2former-r50-coco-instance')
    with pytest.raises(CheckpointError, match=f'"curl -LO https://.*/{row.files[0]}" and give --model {row.files[0]}'):
        find_model(row.name)
    file = tmp_path / row.files[0]
    file.write_bytes(b'no pickle')
    with pytest.raises(CheckpointError, match=f'{file} is not a pickle of plain arrays'):
        find_model(file)


def test_a_file_without_its_config_json(cache: Path, weights: Path, tmp_path: Path) -> None:
    shutil.copy(weights / 'model.safetensors', tmp_path)
    with pytest.raises(CheckpointError, match='needs its config.json beside it'):
        find_model(tmp_path / 'model.safetensors')
