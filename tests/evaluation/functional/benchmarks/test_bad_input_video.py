"""Invalid files of VSPW, DAVIS, YouTube-VOS and BURST: one clear error that names the file, never a wrong number."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from gvseg.evaluation.functional.benchmarks.registry import BENCHMARKS
from gvseg.formats.errors import InputError, MissingInputError
from gvseg.formats.json_files import read_json
from gvseg.formats.png_maps import check_png_chunks, read_label_map
from tests.evaluation.burst_fixtures import make_burst
from tests.evaluation.video_fixtures import make_davis, make_vspw, make_youtube_vos, write_map

FRAME = {'vspw': 'pred/a/00000002.png', 'davis': 'pred/a/00002.png', 'ytvos': 'pred/Annotations/a/00010.png'}
TARGET = {
    'vspw': 'gt/data/a/mask/00000002.png',
    'davis': 'gt/Annotations/480p/a/00002.png',
    'ytvos': 'gt/Annotations/a/00010.png',
}
LIST = {'vspw': 'gt/val.txt', 'davis': 'gt/ImageSets/2017/val.txt', 'ytvos': 'gt/meta.json'}


@pytest.fixture
def folders(tmp_path):
    """One small folder per benchmark."""
    make_vspw(tmp_path / 'vspw', {'a': 5, 'b': 3})
    make_davis(tmp_path / 'davis', {'a': 2}, 5)
    make_youtube_vos(tmp_path / 'ytvos', {'a': {1: 0, 2: 1}}, 4)
    truth, prediction = make_burst(1)
    (tmp_path / 'burst').mkdir()
    (tmp_path / 'burst' / 'gt').write_text(json.dumps(truth))
    (tmp_path / 'burst' / 'pred').write_text(json.dumps(prediction))
    return tmp_path


def run(folders, name, **options):
    """Score a benchmark's folder."""
    return BENCHMARKS[name](str(folders / name / 'gt'), str(folders / name / 'pred'), 1, None, **options)


@pytest.mark.parametrize('name', ('burst', 'davis', 'vspw', 'ytvos'))
def test_the_table_has_a_header_and_equal_rows(folders, name):
    result = run(folders, name)
    assert len({len(row) for row in result['table']}) == 1 and len(result['table']) > 1
    assert all(isinstance(cell, str) for row in result['table'] for cell in row)


@pytest.mark.parametrize('name', sorted(FRAME))
@pytest.mark.parametrize('which', [FRAME, TARGET])
def test_truncated_png(folders, name, which):
    path = folders / name / which[name]
    data = path.read_bytes()
    for size in (0, 7, 20, len(data) // 2, len(data) - 12, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(InputError, match=path.name):
            run(folders, name)


@pytest.mark.parametrize('name', sorted(FRAME))
def test_missing_frame_and_video(folders, name):
    (folders / name / FRAME[name]).unlink()
    with pytest.raises(MissingInputError, match=FRAME[name].rsplit('/', 1)[1]):
        run(folders, name)
    for file in (folders / name / FRAME[name]).parent.iterdir():
        file.unlink()
    with pytest.raises(MissingInputError, match='/a/'):
        run(folders, name)


@pytest.mark.parametrize('name', ['vspw', 'davis'])
def test_missing_ground_truth_video(folders, name):
    with (folders / name / LIST[name]).open('a') as file:
        file.write('zebra\n')
    with pytest.raises(MissingInputError, match='zebra'):
        run(folders, name)


@pytest.mark.parametrize('name', sorted(FRAME))
def test_wrong_size(folders, name):
    write_map(folders / name / FRAME[name], np.ones((10, 11)))
    with pytest.raises(InputError, match='size 11x10, but the ground truth is'):
        run(folders, name)


@pytest.mark.parametrize('name,stray', [('vspw', 124), ('vspw', 255), ('davis', 3), ('davis', 255), ('ytvos', 255)])
def test_label_out_of_range(folders, name, stray):
    path = folders / name / FRAME[name]
    values = np.array(Image.open(path))
    values[np.array(Image.open(folders / name / TARGET[name])) % 255 > 0] = stray
    write_map(path, values)
    with pytest.raises(InputError, match=f'{path.name}.*{stray}'):
        run(folders, name)


def test_ground_truth_label_out_of_range(folders):
    write_map(folders / 'vspw' / TARGET['vspw'], np.full((24, 32), 200))
    with pytest.raises(InputError, match='label 200'):
        run(folders, 'vspw')


@pytest.mark.parametrize(
    ('image', 'message'),
    [
        (Image.new('RGB', (64, 48), (128, 0, 0)), 'has colour mode RGB'),
        (Image.new('LA', (64, 48), (1, 9)), 'is transparent'),
        (Image.new('I;16', (64, 48), 256), 'has the value 256'),
    ],
)
def test_many_channels(folders, image, message):
    path = folders / 'davis' / FRAME['davis']
    image.save(path)
    with pytest.raises(InputError, match=f'{path.name}: {message}'):
        run(folders, 'davis')


@pytest.mark.parametrize('name', ['vspw', 'davis'])
@pytest.mark.parametrize('text,message', [('', 'empty|lists no'), ('a\na\n', "'a' is listed more than once")])
def test_bad_lists(folders, name, text, message):
    (folders / name / LIST[name]).write_text(text)
    with pytest.raises(InputError, match=message):
        run(folders, name)


def test_a_list_without_final_newline_is_read_whole(folders):
    before = run(folders, 'vspw')['numbers']
    (folders / 'vspw' / LIST['vspw']).write_text('a\nb')
    assert json.dumps(run(folders, 'vspw')['numbers']) == json.dumps(before)


@pytest.mark.parametrize(
    'content,message',
    [
        ('{"videos": {"a"', 'not valid JSON'),
        ('[]', 'has no "videos"'),
        ('{"videos": {"a": {}}}', 'has no "objects"'),
        ('{"videos": {"a": {"objects": {"x": {}}}}}', "object id 'x'"),
        ('{"videos": {"a": {"objects": {"255": {}}}}}', "object id '255'"),
        ('{"videos": {"a": {"objects": {"1": {"category": "elk"}}}}}', '"frames" is missing'),
        ('{"videos": {"a": {"objects": {"1": {"category": "elk", "frames": ["0", "0"]}}}}}', 'lists the frame 0 twice'),
        ('{"videos": {"a": {"objects": {"1": {"frames": ["0"]}}}}}', '"category" is missing'),
        ('{"videos": {"a": {"objects": {"1": {}, "1": {}}}}}', "duplicate id '1'"),
        (
            '{"videos": {"a": {"objects": {"1": {"category": "elk", "frames": ["0"]}, '
            '"01": {"category": "elk", "frames": ["0"]}}}}}',
            'duplicate object id',
        ),
    ],
)
def test_bad_meta(folders, content, message):
    (folders / 'ytvos' / LIST['ytvos']).write_text(content)
    with pytest.raises(InputError, match='meta.json') as error:
        run(folders, 'ytvos')
    assert message in str(error.value)


def test_davis_needs_an_object_and_three_frames(folders):
    first = folders / 'davis' / 'gt' / 'Annotations' / '480p' / 'a' / '00000.png'
    write_map(first, np.zeros((48, 64)))
    with pytest.raises(InputError, match='00000.png: no object'):
        run(folders, 'davis')
    for file in list(first.parent.iterdir())[2:]:
        file.unlink()
    with pytest.raises(InputError, match='at least 3'):
        run(folders, 'davis')


def test_jobs_must_be_positive(folders):
    with pytest.raises(ValueError, match='jobs is 0'):
        BENCHMARKS['davis'](str(folders / 'davis' / 'gt'), str(folders / 'davis' / 'pred'), 0)


def test_errors_of_a_worker_arrive_as_they_are(folders):
    (folders / 'vspw' / FRAME['vspw']).unlink()
    with pytest.raises(MissingInputError, match='no such file'):
        BENCHMARKS['vspw'](str(folders / 'vspw' / 'gt'), str(folders / 'vspw' / 'pred'), 2)


@pytest.mark.parametrize('side', ['gt', 'pred'])
def test_truncated_burst(folders, side):
    path = folders / 'burst' / side
    text = path.read_text()
    for size in np.linspace(0, len(text) - 1, 7).astype(int):
        path.write_text(text[:size])
        with pytest.raises(InputError, match='not valid JSON'):
            run(folders, 'burst')


def test_fuzzed_png_is_an_error_or_the_same_map():
    rng = np.random.default_rng(0)
    values = rng.integers(0, 4, (20, 30)).astype(np.uint8)
    buffer = io.BytesIO()
    image = Image.fromarray(values)
    image.putpalette([0, 0, 0] * 256)
    image.save(buffer, 'PNG')
    data = buffer.getvalue()
    for _ in range(400):
        changed = bytearray(data)
        changed[rng.integers(len(data))] ^= 1 << rng.integers(8)
        with pytest.raises(InputError, match='x.png'):
            check_png_chunks(bytes(changed), 'x.png')


def test_fuzzed_bytes_never_crash_the_readers(tmp_path):
    rng = np.random.default_rng(1)
    path = tmp_path / 'x.png'
    for size in rng.integers(0, 200, 100):
        noise = rng.integers(0, 256, size).astype(np.uint8).tobytes()
        for data, reader in ((noise, read_label_map), (noise, read_json)):
            path.write_bytes(data)
            try:
                reader(path)
            except InputError as error:
                assert 'x.png' in str(error)


def test_fuzzed_burst_is_an_error_or_a_number(folders):
    rng = np.random.default_rng(2)
    path = folders / 'burst' / 'pred'
    data = path.read_bytes()
    for _ in range(150):
        changed = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            changed[place] = rng.integers(32, 127)
        path.write_bytes(bytes(changed))
        try:
            numbers = run(folders, 'burst')['numbers']
        except InputError as error:
            assert 'pred' in str(error)
        else:
            assert 0 <= numbers['HOTA']['all'] <= 100


JUNK = (None, True, -1, 10**30, 1.5, float('nan'), '', 'x', '\ud800', [], [[]], {}, {'x': []}, [None] * 5)


def replace_somewhere(rng, content):
    """Replace a random node of parsed JSON by junk."""
    place, keys = content, []
    while isinstance(place, (dict, list)) and place and (not keys or rng.random() < 0.75):
        keys.append(
            (place, list(place)[rng.integers(len(place))] if isinstance(place, dict) else int(rng.integers(len(place))))
        )
        place = place[keys[-1][1]]
    parent, key = keys[-1]
    parent[key] = JUNK[rng.integers(len(JUNK))]


@pytest.mark.parametrize('name,file', [('burst', 'pred'), ('burst', 'gt'), ('ytvos', 'gt/meta.json')])
def test_junk_in_json_is_an_error_or_a_number(folders, name, file):
    rng = np.random.rng = np.random.rng = np.random.rng = np.random.rng = np.random.rng = np.random.default_rng(3)
    path = folders / name / file
    text = path.read_text()
    for _ in range(150):
        content = json.loads(text)
        replace_somewhere(rng, content)
        path.write_text(json.dumps(content))
        try:
            assert run(folders, name)['numbers']
        except InputError as error:
            assert str(folders / name) in str(error)


def test_a_folder_in_place_of_a_file(tmp_path):
    with pytest.raises(InputError, match='cannot be read'):
        read_json(tmp_path)
