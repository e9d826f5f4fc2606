"""Invalid YouTube-VIS and OVIS files, and any change of a JSON file: exit status 2 or a number, never a traceback."""

import copy
import json
import shutil
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluation.damaged_cases import JSONS, arguments, edit, refused
from tools.evaluate import main


@pytest.mark.parametrize('name', ('kitti_step', 'ovis', 'vipseg', 'ytvis'))
def test_good_input_is_scored(folder, name, capsys, tmp_path):
    assert main([*arguments(folder, name), '--out', str(tmp_path / 'out.json')]) == 0
    assert json.loads((tmp_path / 'out.json').read_text())
    captured = capsys.readouterr()
    assert 'S' in captured.out or 'AP' in captured.out
    assert '#' in captured.err and not captured.out.startswith('[')


@pytest.mark.parametrize('kind', sorted(JSONS))
@pytest.mark.parametrize('side', [0, 1])
def test_json_files(folder, kind, side, capsys):
    path = folder / kind / JSONS[kind][side]
    text = path.read_text()
    for bad in ('', text[: len(text) // 2], 'null', '3', '{}', '[3]', '"x"', '[[]]', text + ']'):
        path.write_text(bad)
        refused(capsys, folder, kind, path.name)
    path.unlink()
    refused(capsys, folder, kind, path.name if side or kind != 'vipseg' else 'panoptic_gt*.json')


def entry(content, index=0):
    """An entry with a mask in its first frames."""
    return [item for item in content if any(item['segmentations'])][index]


def first_mask(content):
    """The first mask of the first entry."""
    return next(mask for mask in entry(content)['segmentations'] if mask)


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        (lambda c: c[3].update(score=float('nan')), ['NaN is not a JSON number']),
        (lambda c: c[3].update(score=float('inf')), ['Infinity is not a JSON number']),
        (lambda c: c[3].update(score=None), ['entry 3', 'score']),
        (lambda c: c[3].update(score='0.5'), ['entry 3', 'score']),
        (lambda c: c[2].update(video_id=99), ['entry 2', 'video_id 99']),
        (lambda c: c[2].update(category_id=9), ['entry 2', 'category_id 9']),
        (lambda c: c[2].pop('category_id'), ['entry 2', 'category_id']),
        (lambda c: c[1]['segmentations'].append(None), ['entry 1', 'segmentations but video']),
        (lambda c: c[1].update(segmentations=None), ['entry 1', 'segmentations']),
        (lambda c: first_mask(c).update(size=[4, 5]), ['size is 4x5', 'frame']),
        (lambda c: first_mask(c).update(counts='!!'), ['damaged RLE']),
        (lambda c: first_mask(c).update(counts=first_mask(c)['counts'][:-2]), ['RLE', 'frame']),
        (lambda c: first_mask(c).update(counts=[3, 4]), ['add up to 7 instead of 600']),
        (lambda c: first_mask(c).pop('counts'), ['it is not an RLE']),
        (lambda c: first_mask(c).update(counts='äö'), ['not run-length encoded']),
    ],
)
def test_results_of_tubes(folder, change, words, capsys):
    edit(folder / 'ytvis' / 'pred.json', change)
    refused(capsys, folder, 'ytvis', 'pred.json', *words)


@pytest.mark.parametrize(
    ('name', 'change', 'words'),
    [
        ('ytvis', lambda c: c['annotations'][0].update(id=2), ['duplicate annotation id 2']),
        ('ytvis', lambda c: c['videos'][0].update(id=3), ['duplicate video id 3']),
        ('ytvis', lambda c: c['categories'][0].update(id=2), ['duplicate category id 2']),
        ('ytvis', lambda c: c['annotations'][0].update(video_id=55), ['annotation 1', 'video 55']),
        ('ytvis', lambda c: c['annotations'][0].update(category_id=55), ['annotation 1', 'category 55']),
        ('ytvis', lambda c: c['annotations'][0]['segmentations'].pop(), ['annotation 1', 'segmentations']),
        ('ytvis', lambda c: c['annotations'][0].update(areas=[1] * 9), ['annotation 1', '9 areas for']),
        ('ytvis', lambda c: c['annotations'][0].update(areas='x'), ['annotation 1', 'areas']),
        ('ytvis', lambda c: c['annotations'][0].update(areas=[-1]), ['annotation 1', 'areas']),
        ('ytvis', lambda c: c.pop('annotations'), ['annotations']),
        ('ytvis', lambda c: c['videos'][0].pop('height'), ['video 7', 'height']),
        ('ovis', lambda c: c['annotations'][0].pop('occlusion'), ['annotation 1', 'occlusion']),
        ('ovis', lambda c: c['annotations'][0].update(occlusion=['dark']), ['annotation 1', 'dark']),
    ],
)
def test_ground_truth_of_tubes(folder, name, change, words, capsys):
    edit(folder / name / 'gt.json', change)
    refused(capsys, folder, name, 'gt.json', *words)


def test_sequences_of_different_length_can_be_cut(folder, capsys):
    edit(folder / 'ytvis' / 'pred.json', lambda content: content[1]['segmentations'].append(None))
    refused(capsys, folder, 'ytvis', 'entry 1')
    assert main([*arguments(folder, 'ytvis'), '--truncate']) == 0


@pytest.mark.parametrize('name', ['ytvis', 'ovis'])
def test_empty_results_give_zeros(folder, name, tmp_path):
    (folder / name / 'pred.json').write_text('[]')
    assert main([*arguments(folder, name), '--out', str(tmp_path / 'out.json')]) == 0
    assert set(json.loads((tmp_path / 'out.json').read_text()).values()) <= {0, -1}


def test_results_in_a_zip(folder, tmp_path):
    plain, zipped = (tmp_path / f'{name}.json' for name in ('plain', 'zipped'))
    assert main([*arguments(folder, 'ytvis'), '--out', str(plain)]) == 0
    with zipfile.ZipFile(tmp_path / 'results.zip', 'w') as archive:
        archive.write(folder / 'ytvis' / 'pred.json', 'results.json')
    command = arguments(folder, 'ytvis')[:-1]
    assert main([*command, str(tmp_path / 'results.zip'), '--out', str(zipped)]) == 0
    assert plain.read_text() == zipped.read_text()


def test_options_and_output_are_checked_first(folder, capsys, tmp_path):
    refused(capsys, folder, 'ytvis', '--task', 'burst', more=('--task', 'class_guided'))
    refused(capsys, folder, 'ytvis', 'not writable', more=('--out', str(tmp_path / 'none' / 'x.json')))
    refused(capsys, folder, 'ytvis', 'is a folder: give the name of a JSON file', more=('--out', str(tmp_path)))
    with pytest.raises(SystemExit) as error:
        main([*arguments(folder, 'ytvis'), '--jobs', '0'])
    assert error.value.code == 2
    assert main([*arguments(folder, 'vipseg'), '--windows', '2', '--mean-over', 'all', '--jobs', '2']) == 0
    assert 'VPQ2' in capsys.readouterr().out


def places(node, path=()):
    """Paths of all nodes of nested JSON."""
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


ODD = st.sampled_from(
    [
        None,
        -1,
        0,
        1,
        2.5,
        10**30,
        float('nan'),
        float('inf'),
        '',
        'x',
        [],
        {},
        [[]],
        [None],
        True,
        {'counts': 'x', 'size': [1]},
        [[1.0, 2.0]],
    ]
)


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(JSONS)), side=st.integers(0, 1), place=st.integers(0, 10**9), value=ODD)
def test_any_change_of_a_json_is_scored_or_refused(originals, tmp_path_factory, kind, side, place, value):
    content = json.loads((originals / kind / JSONS[kind][side]).read_text())
    content = copy.deepcopy(content)
    paths = list(places(content))
    *path, last = paths[place % len(paths)] or (None,)
    node = content
    for key in path:
        node = node[key]
    if last is None:
        content = value
    else:
        node[last] = value
    scratch = tmp_path_factory.mktemp('fuzz')
    shutil.copytree(originals / kind, scratch / kind)
    (scratch / kind / JSONS[kind][side]).write_text(json.dumps(content))
    code = main(arguments(scratch, kind))
    shutil.rmtree(scratch)
    assert code in (0, 2)
