"""Object prompts of the command line: their grammar, and bad input in one line."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from gvseg.cli.main import main
from gvseg.cli.prompts import check_names, command_names, command_prompts
from gvseg.cli.segment_options import parse_arguments
from gvseg.visualization import VideoFile
from tests.apis.conftest import HEIGHT, WIDTH, moving_square


def read(*options: str) -> list[tuple]:
    """(object, frame, kind, positive) of each prompt."""
    prompts = command_prompts(parse_arguments(['v.mp4', '--task', 'evs', *options]).prompts)
    return [(prompt.identity, prompt.frame, prompt.kind, prompt.positive) for prompt in prompts]


def png(path: Path, values: np.ndarray) -> Path:
    path.write_bytes(cv2.imencode('.png', values)[1].tobytes())
    return path


def test_every_positive_value_is_an_object_of_its_own() -> None:
    assert read('--points', '0:1,2', '3:4,5', '--boxes', '2:1,1,9,9') == [
        (1, 0, 'point', True),
        (2, 3, 'point', True),
        (3, 2, 'box', True),
    ]


def test_negative_values_belong_to_the_object_before() -> None:
    assert read(
        '--points', '0:200,110', '--negative', '0:220,90', '4:1,1,5,5', '--object', '2', '--boxes', '0:1,1,9,9'
    ) == [(1, 0, 'point', True), (1, 0, 'point', False), (1, 4, 'box', False), (2, 0, 'box', True)]


def test_values_after_object_belong_to_it() -> None:
    options = ['--object', '1', '--points', '0:1,2', '0:3,4', '--object', '5', '--points', '0:9,9', '--object', '1']
    assert read(*options, '--boxes', '7:1,1,9,9') == [
        (1, 0, 'point', True),
        (1, 0, 'point', True),
        (5, 0, 'point', True),
        (1, 7, 'box', True),
    ]


def test_each_value_of_a_picture_is_an_object(tmp_path: Path) -> None:
    path = png(tmp_path / 'mask.png', np.array([[0, 1, 2], [255, 2, 2]], np.uint8))
    assert read('--masks', f'4:{path}') == [(1, 4, 'mask', True), (2, 4, 'mask', True)]
    with pytest.raises(ValueError, match='the picture shows 2 objects, but --object 3 is one'):
        read('--object', '3', '--masks', f'4:{path}')


@pytest.mark.parametrize(
    'options, message',
    [
        (['--negative', '0:1,2'], '--negative 0:1,2: a negative prompt belongs to the object before it'),
        (['--points', '0:1,2', '--negative', '0:1,2,3'], '--negative 0:1,2,3: write FRAME:X,Y or FRAME:X1,Y1,X2,Y2'),
        (['--points', '1,2'], '--points 1,2: write FRAME:X,Y, for example --points 0:20,40'),
        (['--points', 'a:1,2'], '--points a:1,2: write FRAME:X,Y'),
        (['--points', '0:nan,2'], 'give 2 numbers'),
        (['--points=-1:1,2'], 'frames at 0'),
    ],
)
def test_bad_values_are_named(options: list, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        read(*options)
    assert '\n' not in str(caught.value)


def test_names_are_of_objects_that_are_shown() -> None:
    assert command_names(['1:dog', '2:red car']) == {1: 'dog', 2: 'red car'}
    for text in ('dog', '1:', 'x:dog'):
        with pytest.raises(ValueError, match=f'--names {text}: write ID:NAME'):
            command_names([text])
    with pytest.raises(ValueError, match='--names 7:dog: there is no object 7; there are: 1'):
        check_names({7: 'dog'}, command_prompts([('points', '0:1,2')]))


def test_backward_is_short_for_both() -> None:
    assert parse_arguments(['v.mp4', '--task', 'evs', '--backward']).direction == 'both'
    assert parse_arguments(['v.mp4', '--task', 'evs']).direction == 'forward'


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / 'square.mp4'
    with VideoFile(path, fps=10) as file:
        for frame in moving_square(5):
            file.write(frame[..., ::-1])
    return path


def segment(video: Path, *options: str) -> int:
    out = ['--out', str(video.parent / 'out.mp4'), '--columns', '0']
    return main(['segment', str(video), '--task', 'evs', '--shapes', *options, *out])


def test_an_object_is_followed_both_ways_and_named_in_files(video: Path, capsys: pytest.CaptureFixture) -> None:
    shown = ['--boxes', '2:16,16,32,32', '--negative', '2:50,5', '--names', '1:square', '--direction', 'both']
    assert segment(video, *shown, '--save-json', '--save-png') == 0
    (tube,) = json.loads((video.parent / 'out.json').read_text())
    assert tube['category'] == 'square' and tube['instance_id'] == 1
    assert [mask is not None for mask in tube['segmentations']] == [True] * 5
    assert len(list((video.parent / 'out').glob('*.png'))) == 5


def test_never_found_and_lost_objects_are_a_line_each(video: Path, capsys: pytest.CaptureFixture) -> None:
    corner = np.zeros((HEIGHT, WIDTH), np.uint8)
    corner[40:46, 2:8] = 255
    mask = png(video.parent / 'corner.png', corner)
    assert segment(video, '--boxes', '0:8,16,24,32', '--masks', f'4:{mask}', f'1:{mask}') == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith('warning: ')]
    assert all('Object' in line and ('lost at frame' in line or 'found in no frame' in line) for line in lines)


@pytest.mark.parametrize(
    'options, message',
    [
        (['--points', '2:64,10'], 'Point (64.0, 10.0) is outside the frame 2 (--points 2:64,10)'),
        (['--points', '9:1,1'], 'The video has 5 frames, but object 1 was to be shown in frame 9 (--points 9:1,1)'),
        (['--object', '1', '--negative', '0:1,1'], '--negative 0:1,1: object 1 has negative prompts only'),
        (
            ['--points', '3:1,1', '--negative', '1:9,9'],
            'Object 1 has a negative prompt in frame 1 (--negative 1:9,9), where a run forward does not know it yet',
        ),
        (['--points', '0:1,1', '--names', '2:dog'], '--names 2:dog: there is no object 2; there are: 1'),
        (['--names', '2:dog'], '--names 2:dog: there is no object 2; there are: none'),
    ],
)
def test_bad_prompts_are_one_line(video: Path, capsys: pytest.CaptureFixture, options: list, message: str) -> None:
    with pytest.raises(SystemExit):
        segment(video, *options)
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert message in error and error.startswith('error: ')
