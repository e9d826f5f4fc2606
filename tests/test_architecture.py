"""The house's arrows: who may import whom, read from the source and held here as one dict."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
STANDARD_LIBRARY = set(sys.stdlib_module_names)

# Package of gvseg -> parts of gvseg it may import (itself always).
ARROWS: dict[str, set[str]] = {
    'formats': set(),
    'core': {'formats.constants'},
    'utils': {'formats'},
    'datasets': {'formats', 'core', 'utils'},
    'models': {'core', 'utils'},
    'evaluation': {'formats', 'core.panoptic', 'utils'},
    'visualization': {'formats', 'core.panoptic', 'utils'},
    'engine': {'formats', 'core', 'utils'},
    'apis': {
        *('formats', 'core', 'utils', 'datasets', 'models', 'evaluation', 'visualization', 'engine'),
        *('entry', 'moving_shapes', 'version'),
    },
    'entry': {'utils'},
    '__main__': {'cli'},
    'conversion': {'formats', 'utils', 'entry'},
    'moving_shapes': {'formats'},
    'cli': {'formats', 'utils', 'entry', 'moving_shapes', 'evaluation', 'visualization', 'apis', 'version'},
    'registry': {'utils'},
    'version': set(),
}
# Package or folder -> the only libraries outside of the standard one; others may import any.
LIBRARIES: dict[str, set[str]] = {
    'formats': {'numpy', 'PIL', 'cv2', 'pycocotools', 'pyspng'},
    'core': {'torch', 'numpy', 'scipy'},
    'evaluation.functional': {'numpy', 'scipy', 'pycocotools', 'cv2', 'PIL'},
    'engine': {'mmengine', 'mmdet.registry', 'torch'},
    'utils': {'mmengine', 'numpy', 'torch', 'torchvision'},
    'entry': set(),
    'conversion': {'numpy', 'PIL'},
    'moving_shapes': {'numpy', 'cv2', 'PIL', 'pycocotools'},
    'registry': {'mmengine', 'mmdet.registry'},
    'version': set(),
}
# Inside models, siblings meet through the registry; only these imports go across.
MODEL_SIBLINGS: dict[str, set[str]] = {'heads': {'layers', 'losses'}}
SHARED_IN_MODELS = {'structures', 'exemplars'}
# Rooms of evaluation.functional -> the other rooms each may import; the metrics stand above all of them.
EVALUATION_ROOMS: dict[str, set[str]] = {
    'measures': set(),
    'io': {'measures'},
    'protocols': {'io', 'measures'},
    'benchmarks': {'io', 'measures', 'protocols'},
}


class Import(NamedTuple):
    """One imported module: where, and its dotted name."""

    place: str
    name: str


def source_files(folder: str) -> list[Path]:
    """Python files of a folder of the repository, generated ones left out."""
    return sorted(path for path in (ROOT / folder).rglob('*.py') if '.mim' not in path.parts)


def module_name(path: Path) -> str:
    """``gvseg/core/x.py -> gvseg.core.x``; a package has the name of its folder."""
    parts = path.relative_to(ROOT).with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def imports_of(source: str, module: str, is_package: bool, place: str = '') -> Iterator[Import]:
    """Every import in a source, at any depth of the code, with relative names resolved.

    ``from gvseg.core import similarity`` counts as ``gvseg.core.similarity``: the longest name decides.
    """
    package = module if is_package else module.rpartition('.')[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(f'{place}:{node.lineno}', alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ''
            if node.level:
                parents = package.split('.')[: len(package.split('.')) - node.level + 1]
                base = '.'.join(parents + ([node.module] if node.module else []))
            yield from (Import(f'{place}:{node.lineno}', f'{base}.{alias.name}') for alias in node.names)


def imports_in(path: Path) -> Iterator[Import]:
    """Imports of one file of the repository."""
    return imports_of(
        path.read_text(encoding='utf-8'), module_name(path), path.name == '__init__.py', str(path.relative_to(ROOT))
    )


def is_within(name: str, allowed: str) -> bool:
    """Whether a dotted name is a package or lies in it."""
    return name == allowed or name.startswith(f'{allowed}.')


GVSEG_IMPORTS: list[tuple[Path, Import]] = [
    (path, found) for path in source_files('gvseg') for found in imports_in(path)
]


def test_packages_import_only_along_the_arrows() -> None:
    wrong = []
    for path, found in GVSEG_IMPORTS:
        own = module_name(path).split('.')[1:2]
        if not own or not is_within(found.name, 'gvseg'):
            continue
        target = found.name[len('gvseg.') :]
        if not any(is_within(target, allowed) for allowed in ARROWS[own[0]] | {own[0]}):
            wrong.append(found)
    assert not wrong


def test_every_package_has_its_arrows() -> None:
    parts = {path.stem for path in (ROOT / 'gvseg').iterdir() if path.is_dir() or path.suffix == '.py'}
    assert parts - {'__init__', '__pycache__', '.mim'} <= set(ARROWS)


@pytest.mark.parametrize('part', sorted(LIBRARIES))
def test_pure_parts_use_only_their_libraries(part: str) -> None:
    wrong = [
        found
        for path, found in GVSEG_IMPORTS
        if is_within(module_name(path), f'gvseg.{part}')
        and found.name.split('.')[0] not in STANDARD_LIBRARY | {'gvseg'}
        and not any(is_within(found.name, library) for library in LIBRARIES[part])
    ]
    assert not wrong


def test_siblings_in_models_meet_through_the_registry() -> None:
    wrong = []
    for path, found in GVSEG_IMPORTS:
        own, target = module_name(path).split('.')[2:3], found.name.split('.')
        if not is_within(module_name(path), 'gvseg.models') or target[:2] != ['gvseg', 'models'] or not own:
            continue
        if target[2] not in SHARED_IN_MODELS | {own[0]} | MODEL_SIBLINGS.get(own[0], set()):
            wrong.append(found)
    assert not wrong


def test_rooms_of_evaluation_import_only_along_their_arrows() -> None:
    root = 'gvseg.evaluation.functional'
    wrong = []
    for path, found in GVSEG_IMPORTS:
        module = module_name(path)
        if not is_within(module, root) or module == root or not is_within(found.name, 'gvseg.evaluation'):
            continue
        room = module.split('.')[3]
        if not any(is_within(found.name, f'{root}.{other}') for other in EVALUATION_ROOMS[room] | {room}):
            wrong.append(found)
    assert not wrong


def test_evaluation_has_its_rooms_and_no_file_beside_them() -> None:
    names = {path.name for path in (ROOT / 'gvseg/evaluation/functional').iterdir() if path.name != '__pycache__'}
    assert names == {'__init__.py', *EVALUATION_ROOMS}


def test_the_papers_parts_do_not_import_the_extras() -> None:
    """What is not in the paper (``models/*/extras``) is reached through the registry; only its room exports it."""
    wrong = [
        found
        for path, found in GVSEG_IMPORTS
        if 'extras' in found.name.split('.')
        and 'extras' not in path.parts
        and is_within(module_name(path), 'gvseg.models')
        and path.name != '__init__.py'
    ]
    assert not wrong


def test_nothing_imports_what_stands_above_it() -> None:
    above = ('tools', 'projects', 'configs', 'tests', 'gvseg.apis', 'gvseg.cli')
    top = {'apis', 'cli', '__main__'}  # cli stands on apis
    wrong = [
        found
        for path, found in GVSEG_IMPORTS
        if top.isdisjoint(module_name(path).split('.')[1:2]) and any(is_within(found.name, name) for name in above)
    ]
    assert not wrong


@pytest.mark.parametrize('folder', ['gvseg', 'tools', 'projects', 'tests'])
def test_no_star_imports(folder: str) -> None:
    assert not [found for path in source_files(folder) for found in imports_in(path) if found.name.endswith('.*')]


def task_branches(source: str) -> list[int]:
    """Lines of ``if`` tests that read a name or attribute called task, or compare with a task's name."""
    tasks = {'vis', 'vss', 'vps', 'evs'}
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, (ast.If, ast.IfExp, ast.While, ast.Match)):
            continue
        for part in ast.walk(node.subject if isinstance(node, ast.Match) else node.test):
            named = {getattr(part, 'id', ''), getattr(part, 'attr', '')} & {'task', 'task_name', 'task_type'}
            compared = isinstance(part, ast.Constant) and str(part.value).lower() in tasks
            if named or compared:
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize('package', ['core', 'models', 'engine', 'datasets'])
def test_no_branch_on_the_task(package: str) -> None:
    wrong = {
        str(path): lines
        for path in source_files(f'gvseg/{package}')
        if (lines := task_branches(path.read_text(encoding='utf-8')))
    }
    assert not wrong


def functions_too_long(path: Path, limit: int) -> list[str]:
    """Functions with more lines than the limit, their docstring not counted."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node) is not None:
                lines -= node.body[0].end_lineno - node.body[0].lineno + 1
            if lines > limit:
                found.append(f'{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines} lines')
    return found


@pytest.mark.parametrize(('folder', 'limit'), [('gvseg/core', 25), ('gvseg', 40), ('tools', 40)])
def test_functions_are_short(folder: str, limit: int) -> None:
    assert not [found for path in source_files(folder) for found in functions_too_long(path, limit)]


# To be split; none may grow, none may be added.
LONG_FILES: dict[str, int] = {}


@pytest.mark.parametrize('folder', ['gvseg', 'tools', 'tests', 'projects'])
def test_files_are_short(folder: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding='utf-8').splitlines()) for path in source_files(folder)
    }
    assert not {path: length for path, length in lengths.items() if length > LONG_FILES.get(path, 300)}


def test_the_list_of_long_files_holds_long_files_only() -> None:
    for path in LONG_FILES:
        assert (ROOT / path).is_file() and len((ROOT / path).read_text(encoding='utf-8').splitlines()) > 300, path


def test_constructors_take_few_arguments() -> None:
    wrong = []
    for path in source_files('gvseg'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.FunctionDef) and node.name == '__init__':
                own = node.args.posonlyargs + node.args.args[1:] + node.args.kwonlyargs
                if len(own) > 8:
                    wrong.append(f'{path.relative_to(ROOT)}:{node.lineno} takes {len(own)}')
    assert not wrong


@pytest.mark.parametrize(
    ('source', 'expected'),
    [
        ('import gvseg.apis', 'gvseg.apis'),
        ('from . import b', 'gvseg.models.heads.b'),
        ('from ..layers import c', 'gvseg.models.layers.c'),
        ('from ...core.panoptic import pack', 'gvseg.core.panoptic.pack'),
        ('def f():\n    from scipy import ndimage', 'scipy.ndimage'),
    ],
)
def test_imports_are_read_wherever_they_stand(source: str, expected: str) -> None:
    found = list(imports_of(source, 'gvseg.models.heads.a', is_package=False))
    assert [part.name for part in found] == [expected]


def test_relative_imports_of_a_package_start_at_itself() -> None:
    found = list(imports_of('from .a import b\nfrom ..core import c', 'gvseg.models', is_package=True))
    assert [part.name for part in found] == ['gvseg.models.a.b', 'gvseg.core.c']


def test_branches_on_the_task_are_seen() -> None:
    assert task_branches("if self.task == 'x':\n    pass") == [1]
    assert task_branches("y = 1 if kind == 'vis' else 2") == [1]
    assert task_branches('if kind == 1:\n    pass') == []
