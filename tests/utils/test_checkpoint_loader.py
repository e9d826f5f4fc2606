"""Every way to name a checkpoint reads it without running code in it."""

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.model import BaseModule
from mmengine.runner.checkpoint import CheckpointLoader, load_checkpoint
from torch import nn

import gvseg.engine  # noqa: F401  (puts the loader in place)
from gvseg.utils.checkpoint_loader import download
from gvseg.utils.errors import CheckpointError
from gvseg.utils.safe_load import load_plain, load_restricted


class Trap:
    """Runs code when unpickled."""

    def __reduce__(self) -> tuple:
        return exec, ('raise SystemExit("code of the file was run")',)


def save(path: Path, content: Any) -> Path:
    torch.save(content, path)
    return path


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    return save(tmp_path / 'trap.pth', dict(state_dict=nn.Linear(2, 2).state_dict(), meta=dict(hidden=Trap())))


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of the test's folder on this machine; torch's cache lies in the folder too."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), partial(Silent, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{server.server_port}'
    server.shutdown()


def test_a_local_file_is_not_run(trap: Path) -> None:
    with pytest.raises(CheckpointError, match='needs code to be run'):
        CheckpointLoader.load_checkpoint(str(trap), map_location='cpu')


def test_a_downloaded_file_is_not_run(trap: Path, address: str) -> None:
    with pytest.raises(CheckpointError, match='needs code to be run'):
        CheckpointLoader.load_checkpoint(f'{address}/{trap.name}', map_location='cpu')


def test_the_weights_of_a_backbone_are_not_run(trap: Path) -> None:
    class Backbone(BaseModule):
        def __init__(self) -> None:
            super().__init__(init_cfg=dict(type='Pretrained', checkpoint=str(trap)))
            self.layer = nn.Linear(2, 2)

    with pytest.raises(CheckpointError, match='needs code to be run'):
        Backbone().init_weights()


@pytest.mark.parametrize('place', ['s3://bucket/a.pth', 'petrel://a.pth', 'x:s3://a.pth', 'pavi://a.pth'])
def test_places_whose_reader_would_run_the_file_are_refused(place: str) -> None:
    with pytest.raises(CheckpointError, match='download it'):
        CheckpointLoader.load_checkpoint(place)


def test_good_weights_arrive_by_file_and_by_address(tmp_path: Path, address: str) -> None:
    layer = nn.Linear(2, 3)
    save(tmp_path / 'good.pth', dict(state_dict=layer.state_dict(), meta=dict(config='raise SystemExit')))
    for name in (str(tmp_path / 'good.pth'), f'{address}/good.pth'):
        copy = nn.Linear(2, 3)
        content = load_checkpoint(copy, name, map_location='cpu')
        assert torch.equal(copy.weight, layer.weight)
        assert content['meta'] == {}  # mmengine's Runner would run the text under "config"


def test_files_of_two_addresses_do_not_mix(tmp_path: Path, address: str) -> None:
    for folder in 'ab':
        (tmp_path / folder).mkdir()
        (tmp_path / folder / 'w.pth').write_text(folder)
    assert [download(f'{address}/{folder}/w.pth').read_text() for folder in 'ab'] == ['a', 'b']


def test_an_address_without_an_answer(address: str) -> None:
    with pytest.raises(CheckpointError, match='cannot be downloaded .*404'):
        CheckpointLoader.load_checkpoint(f'{address}/none.pth')


def test_a_file_that_is_not_what_its_name_tells(tmp_path: Path, address: str) -> None:
    (tmp_path / 'w-0123456789.pth').write_text('something else')
    with pytest.raises(CheckpointError, match='cannot be downloaded .*hash'):
        CheckpointLoader.load_checkpoint(f'{address}/w-0123456789.pth')


def test_an_unknown_name_of_mmengine() -> None:
    with pytest.raises(CheckpointError, match='is unknown to mmengine'):
        CheckpointLoader.load_checkpoint('open-mmlab://no/such-model')


@pytest.mark.parametrize('load', [load_plain, load_restricted])
def test_what_mmengine_writes_beside_weights_is_read(load: Any, tmp_path: Path) -> None:
    meta = dict(array=np.arange(3), number=np.float64(0.5), text=np.array(['x']), true=np.bool_(True), chosen={1, 2})
    path = save(
        tmp_path / 'a.pth',
        dict(
            state_dict=nn.Conv2d(1, 1, 1).state_dict(),
            meta=meta,
            message_hub=dict(loss=HistoryBuffer([1.0, 3.0], [1, 1])),
            optimizer=torch.optim.AdamW([nn.Parameter(torch.ones(2))]).state_dict(),
        ),
    )
    read = load(str(path))
    assert read['message_hub']['loss'].mean() == 2
    assert read['meta']['array'].tolist() == [0, 1, 2] and read['meta']['number'] == 0.5
    assert read['meta']['text'].tolist() == ['x'] and read['meta']['true'] and read['meta']['chosen'] == {1, 2}


@pytest.mark.parametrize('load', [load_plain, load_restricted])
@pytest.mark.parametrize('asked', [Trap(), getattr, eval, torch.load, HistoryBuffer.statistics])
def test_nothing_else_is_built(load: Any, asked: Any, tmp_path: Path) -> None:
    path = save(tmp_path / 'a.pth', dict(state_dict=nn.Linear(1, 1).state_dict(), meta=dict(asked=asked)))
    if asked is getattr:
        stands_for = load(str(path))['meta']['asked']
        with pytest.raises(Exception, match='asks for the attribute __globals__'):
            stands_for(HistoryBuffer.min, '__globals__')
        return
    with pytest.raises(Exception, match='nsupported|asks for'):
        load(str(path))


def test_a_torchscript_program_is_refused(tmp_path: Path) -> None:
    torch.jit.save(torch.jit.trace(nn.Linear(1, 1), torch.ones(1, 1)), str(tmp_path / 'a.pth'))
    for load in (load_plain, load_restricted):
        with pytest.raises(Exception, match='TorchScript'):
            load(str(tmp_path / 'a.pth'))
