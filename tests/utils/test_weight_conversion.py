"""Reading other projects' files safely; class rows by name."""

import json
import os
import pickle
from pathlib import Path

import pytest
import torch
from mmdet.datasets import CocoPanopticDataset

from gvseg.datasets.kitti_step import KITTISTEPDataset
from gvseg.formats.class_lists import OVIS_CLASSES, YOUTUBE_VIS_2021_CLASSES
from gvseg.utils.checkpoint import read_checkpoint
from gvseg.utils.errors import CheckpointError
from gvseg.utils.weight_conversion import match_classes, read_weights, remap_classes

COCO = CocoPanopticDataset.METAINFO['classes']


def safetensors_bytes(tensors: dict[str, torch.Tensor]) -> bytes:
    """A file as the format's description has it."""
    header, data = {'__metadata__': {'format': 'pt'}}, b''
    for name, value in tensors.items():
        raw = value.numpy().tobytes()
        header[name] = dict(dtype='F32', shape=list(value.shape), data_offsets=[len(data), len(data) + len(raw)])
        data += raw
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, 'little') + text + data


class Trap:
    """Leaves a mark when its pickle is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize('name', ['weights.pkl', 'weights.pth', 'pytorch_model.bin'])
def test_code_in_a_file_runs_only_when_trusted(tmp_path: Path, name: str) -> None:
    path, mark = tmp_path / name, tmp_path / 'mark'
    content = dict(model=dict(a=torch.zeros(2).numpy() if name.endswith('pkl') else torch.zeros(2)), trap=Trap(mark))
    if name.endswith('pkl'):
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path)
    with pytest.raises(CheckpointError, match=f'{name} .*needs code to be run') as caught:
        read_weights(str(path))
    assert '\n' not in str(caught.value) and not mark.exists()
    assert set(read_weights(str(path), trusted=True).weights) == {'a'} and mark.is_dir()


def test_safetensors_are_read_and_a_folder_in_parts(tmp_path: Path) -> None:
    first, second = dict(a=torch.arange(6.0).reshape(2, 3), empty=torch.zeros(0, 4)), dict(b=torch.tensor(7.0))
    (tmp_path / 'model-1.safetensors').write_bytes(safetensors_bytes(first))
    (tmp_path / 'model-2.safetensors').write_bytes(safetensors_bytes(second))
    index = dict(weight_map=dict(a='model-1.safetensors', empty='model-1.safetensors', b='model-2.safetensors'))
    (tmp_path / 'model.safetensors.index.json').write_text(json.dumps(index))
    (tmp_path / 'config.json').write_text(json.dumps(dict(id2label={'10': 'cat', '9': 'dog'})))
    file = read_weights(str(tmp_path))
    assert file.class_names == ('dog', 'cat')  # in the order of numbers, not of text
    for name, value in dict(first, **second).items():
        assert torch.equal(file.weights[name], value)


@pytest.mark.parametrize('name', ['a.safetensors', 'a.pkl', 'a.pth'])
@pytest.mark.parametrize('keep', [0, 5, 40, -1])
def test_cut_files_give_one_clear_error(tmp_path: Path, name: str, keep: int) -> None:
    path = tmp_path / name
    if name == 'a.safetensors':
        path.write_bytes(safetensors_bytes(dict(a=torch.zeros(8))))
    elif name == 'a.pkl':
        path.write_bytes(pickle.dumps(dict(model=dict(a=torch.zeros(8).numpy()))))
    else:
        torch.save(dict(a=torch.zeros(8)), path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match=f'{name} .*damaged') as caught:
        read_weights(str(path))
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize(
    'entry',
    [
        dict(dtype='F32', shape=[3], data_offsets=[0, 8]),
        dict(dtype='F32', shape=[2], data_offsets=[100, 108]),
        dict(dtype='X9', shape=[2], data_offsets=[0, 8]),
        dict(shape=[2]),
        [1],
        None,
    ],
)
def test_tampered_headers_give_one_clear_error(tmp_path: Path, entry: object) -> None:
    text = json.dumps(dict(a=entry)).encode()
    (tmp_path / 'a.safetensors').write_bytes(len(text).to_bytes(8, 'little') + text + bytes(8))
    with pytest.raises(CheckpointError, match='a.safetensors .*damaged'):
        read_weights(str(tmp_path / 'a.safetensors'))


def test_files_and_folders_without_weights(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match='nowhere.pkl does not exist'):
        read_weights(str(tmp_path / 'nowhere.pkl'))
    with pytest.raises(CheckpointError, match='holds neither model.safetensors nor pytorch_model.bin'):
        read_weights(str(tmp_path))
    torch.save(dict(meta=dict(iter=3)), tmp_path / 'a.pth')
    with pytest.raises(CheckpointError, match='a.pth holds no weights'):
        read_weights(str(tmp_path / 'a.pth'))
    torch.save([1], tmp_path / 'b.pth')
    with pytest.raises(CheckpointError, match='b.pth holds a list'):
        read_weights(str(tmp_path / 'b.pth'))
    assert read_checkpoint(str(tmp_path / 'b.pth')) == [1]


def test_rows_follow_their_classes() -> None:
    source = torch.arange(8.0).reshape(4, 2)
    found = remap_classes(source, torch.full((3, 2), -1.0), [2, None])
    assert found.tolist() == [[4, 5], [-1, -1], [6, 7]]  # the third source class, a new one, "no object"


@pytest.mark.parametrize(
    'target, kept, fresh',
    [
        (
            YOUTUBE_VIS_2021_CLASSES,
            dict(motorbike='motorcycle', flying_disc='frisbee', tennis_racket='tennis racket'),
            [
                'deer',
                'duck',
                'earless_seal',
                'fish',
                'fox',
                'frog',
                'giant_panda',
                'leopard',
                'lizard',
                'monkey',
                'parrot',
                'rabbit',
                'shark',
                'snake',
                'squirrel',
                'tiger',
                'turtle',
                'whale',
            ],
        ),
        (
            OVIS_CLASSES,
            dict(Person='person', Vehical='car', Cow='cow'),
            ['Poultry', 'Giant_panda', 'Lizard', 'Parrot', 'Monkey', 'Rabbit', 'Tiger', 'Fish', 'Turtle'],
        ),
        (
            KITTISTEPDataset.METAINFO['classes'],
            dict(
                sidewalk='pavement-merged',
                vegetation='tree-merged',
                terrain='grass-merged',
                sky='sky-other-merged',
                building='building-other-merged',
                wall='wall-other-merged',
                fence='fence-merged',
            ),
            ['pole', 'traffic sign', 'rider'],
        ),
    ],
)
def test_classes_of_benchmarks_that_coco_knows(target: tuple, kept: dict[str, str], fresh: list[str]) -> None:
    found = dict(zip(target, match_classes(COCO, target)))
    assert [name for name, place in found.items() if place is None] == fresh
    assert {name: COCO[found[name]] for name in kept} == kept
    assert match_classes(COCO, COCO) == list(range(133))


def test_weights_that_are_no_numbers(tmp_path: Path) -> None:
    torch.save(dict(a=torch.tensor(float('nan'))), tmp_path / 'a.pth')
    with pytest.raises(CheckpointError, match='not numbers'):
        read_weights(str(tmp_path / 'a.pth'))
