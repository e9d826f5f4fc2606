"""README, docs, projects and docstrings name what is there: configs load, commands are accepted, links resolve."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import pytest
from mmengine.config import Config

from tests.documents import (
    HANDED_ON,
    ROOT,
    Command,
    commands,
    complaint,
    docstrings,
    exists_as_module,
    headings,
    links,
    pages,
    parser_of,
    snippets,
)

PAGES, DOCSTRINGS = pages(), docstrings()
TEXTS = {**PAGES, **DOCSTRINGS}
COMMANDS = [command for place, text in TEXTS.items() for command in commands(place, text)]
# Files that a reader makes.
OWN_FILES = {'configs/my/mine.py', 'configs/mine.py'}
CONFIG = re.compile(r'(?<![\w/.-])((?:projects/\w+/)?configs/[\w./{},*-]+\.py|gvseg::[\w./-]+\.py)')


def named_configs() -> dict[str, list[str]]:
    """Name of each config -> pages that name it, patterns included; ``gvseg::`` stands for the folder of configs."""
    found: dict[str, list[str]] = {}
    for place, text in TEXTS.items():
        for name in CONFIG.findall(text):
            if name not in OWN_FILES and 'NAME' not in name:
                found.setdefault(name.replace('gvseg::', 'configs/'), []).append(place)
    return found


def matches(pattern: str) -> list[Path]:
    """Files of a path with ``*`` and ``{a,b}``."""
    group = re.search(r'\{([^}]*)\}', pattern)
    if group is None:
        return sorted(ROOT.glob(pattern))
    choices = group.group(1).split(',')
    return [path for choice in choices for path in matches(pattern.replace(group.group(0), choice, 1))]


@pytest.mark.parametrize('name, places', named_configs().items())
def test_configs_are_there_and_load(name: str, places: list[str]) -> None:
    folders = ['.', *{str(Path(place).parent) for place in places}]  # from the repository's folder, or the page's
    found = [path for folder in folders for path in matches(f'{folder}/{name}')]
    assert found, f'{name} is named in {places}'
    for path in found:
        if '_base_' not in path.parts:
            Config.fromfile(path, import_custom_modules=False)


def test_weights_are_shipped() -> None:
    names = {name for text in TEXTS.values() for name in re.findall(r'gvseg://([\w.-]+[\w-])', text)}
    missing = {
        name for name in names - {'NAME'} if not (ROOT / 'weights' / f'{name.removesuffix(".pth")}.pth').exists()
    }
    assert not missing


@cache
def parser(script: str):
    """One run of each script for all commands that name it."""
    return parser_of(script)


def fault_of(words: list[str]) -> str | None:
    """What is wrong with a command, in a line."""
    if words[0] == 'make':
        targets = set(re.findall(r'^([\w-]+):', (ROOT / 'Makefile').read_text(), re.MULTILINE))
        wanted = [word for word in words[1:] if '=' not in word and word != '...']
        return None if set(wanted) <= targets else f'no target {wanted}'
    if words[0] == 'mim':
        return fault_of_mim(words)
    if words[0].endswith('.sh'):
        script = words[0].removeprefix('./')
        if not (ROOT / script).is_file():
            return 'no such script'
        target, own = HANDED_ON.get(script, (None, set()))
        rest = [word for index, word in enumerate(words[1:]) if index not in own]
        return complaint(parser(target), rest) if target else None
    return fault_of_python(words[1:] if words[0] != 'pytest' else ['-m', *words])


def fault_of_mim(words: list[str]) -> str | None:
    """``mim run gvseg SCRIPT`` runs a script of tools."""
    if words[1] != 'run' or not ''.join(words[3:4]).islower():  # a placeholder
        return None
    found = sorted((ROOT / 'tools').rglob(f'{words[3]}.py'))
    return complaint(parser(str(found[0].relative_to(ROOT))), words[4:]) if found else f'no script {words[3]}'


def fault_of_python(words: list[str]) -> str | None:
    """A script or ``-m module`` with its arguments."""
    if words[0] == '-c' or 'NAME' in words[0]:
        return None
    if words[0] == '-m':
        module, rest = words[1], words[2:]
        if module == 'pytest':
            missing = [word for word in rest if word.startswith('tests') and not (ROOT / word).exists()]
            return f'no files {missing}' if missing else None
        if not module.startswith(('projects.', 'tests.', 'tools.')):
            return None
        return complaint(parser(module), rest) if exists_as_module(module) else f'no module {module}'
    if not words[0].startswith(('tools/', 'projects/', 'tests/')):
        return None
    return complaint(parser(words[0]), words[1:]) if (ROOT / words[0]).is_file() else 'no such script'


@pytest.mark.parametrize('place', sorted({command.place for command in COMMANDS}))
def test_commands_are_accepted_by_their_scripts(place: str) -> None:
    found = [(command, fault_of(command.words)) for command in COMMANDS if command.place == place]
    assert not [f'{" ".join(command.words)}: {fault}' for command, fault in found if fault]


def test_commands_are_found() -> None:
    """The test above must not pass because nothing is looked at."""
    assert len(COMMANDS) > 150
    assert Command('docs/a.md', ['python', 'tools/train.py', 'A']) in commands(
        'docs/a.md', 'Run `python tools/train.py A`.'
    )


@pytest.mark.parametrize(
    'words, fault',
    [
        (['python', 'tools/train.py', 'A', '--no-such-option'], 'unrecognized arguments: --no-such-option'),
        (['python', 'tools/no_such_script.py'], 'no such script'),
        (['tools/dist_test.sh', 'CONFIG', 'FILE', '8', '--nonsense'], 'unrecognized arguments: --nonsense'),
        (['make', 'nothing'], 'no target'),
    ],
)
def test_wrong_commands_are_noticed(words: list[str], fault: str) -> None:
    assert fault in fault_of(words)


@pytest.mark.parametrize('page', sorted(PAGES))
def test_links_and_anchors_resolve(page: str) -> None:
    for target in links(PAGES[page]):
        path, _, anchor = target.partition('#')
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f'{page} links to {target}'
        if anchor:
            assert anchor in headings(file.read_text('utf-8')), f'{page} links to {target}'


@pytest.mark.parametrize('page', sorted(page for page, text in PAGES.items() if snippets(text)))
def test_python_snippets_are_python(page: str) -> None:
    for snippet in snippets(PAGES[page]):
        for node in ast.walk(ast.parse(snippet)):
            if isinstance(node, ast.ImportFrom) and node.module.startswith('gvseg'):
                module = importlib.import_module(node.module)
                assert not [alias.name for alias in node.names if not hasattr(module, alias.name)]


@pytest.mark.parametrize('page', sorted(PAGES))
def test_files_are_there(page: str) -> None:
    """Paths of our folders in code, such as `gvseg/core/similarity.py`."""
    named = re.findall(r'`((?:gvseg|tests|tools|projects|docs|requirements)/[\w./-]*\w/?)(?:::?\w+)?`', PAGES[page])
    assert not [name for name in named if not (ROOT / name).exists() and 'NAME' not in name]
