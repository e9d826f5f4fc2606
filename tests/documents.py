"""What the documentation names: commands, configs, links and snippets of README, docs, projects and docstrings."""

import argparse
import ast
import contextlib
import importlib
import io
import re
import runpy
import shlex
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r'^ *```(\w*)\n(.*?)^ *```', re.MULTILINE | re.DOTALL)
INLINE = re.compile(r'(?<!`)``?([^`\n]+)``?(?!`)')
START = re.compile(
    r'^(?:\.venv/bin/)?(?:python|pytest) |^(?:\./)?tools/\w+\.sh |^mim run gvseg |^mim \w+ gvseg |^make( |$)'
)
VARIABLE = re.compile(r'^[A-Z_]+=\S*$')
# Scripts that start another one, and which of their words are their own: processes, partition, name of the job.
HANDED_ON = {
    'tools/dist_train.sh': ('tools/train.py', {1}),
    'tools/dist_test.sh': ('tools/test.py', {2}),
    'tools/slurm_train.sh': ('tools/train.py', {0, 1, 3}),
    'tools/slurm_test.sh': ('tools/test.py', {0, 1}),
}


class Command(NamedTuple):
    """A command line: where it stands, and its words without variables, comments and the interpreter."""

    place: str
    words: list[str]


def pages() -> dict[str, str]:
    """Every page of the documentation, by its path; the changelog keeps the names of its time."""
    patterns = ('*.md', '.github/**/*.md', 'docs/*.md', 'projects/*/README.md', 'configs/*/README.md')
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    return {str(path.relative_to(ROOT)): path.read_text('utf-8') for path in paths if path.name != 'CHANGELOG.md'}


def docstrings() -> dict[str, str]:
    """Docstrings of every module, with those of its classes and functions, by the path of the module."""
    found = {}
    for folder in ('gvseg', 'tools', 'projects', 'configs', 'tests/golden', 'tests/fuzz'):
        for path in sorted((ROOT / folder).rglob('*.py')):
            if '.mim' in path.parts:
                continue
            nodes = ast.walk(ast.parse(path.read_text('utf-8')))
            kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
            texts = [ast.get_docstring(node) or '' for node in nodes if isinstance(node, kinds)]
            found[str(path.relative_to(ROOT))] = '\n\n'.join(filter(None, texts))
    return found


def commands(place: str, text: str) -> Iterator[Command]:
    """Command lines of a text: lines of its code blocks, and code between backticks."""
    lines = text.replace('\\\n', ' ').splitlines()
    for line in [*lines, *INLINE.findall(text)]:
        words = split(re.sub(r'^ *(- run: |for .*; do )', '', line).strip())
        if words and (words[0] != 'make' or place.endswith('.md')):  # "make" is a verb in docstrings
            yield Command(place, words)


def split(line: str) -> list[str]:
    """Words of a command of ours without variables before it; nothing for any other line."""
    line = line.partition(' |')[0].partition(' && ')[0].partition('; ')[0]
    words = line.split(' ')
    while words and VARIABLE.match(words[0]):
        words = words[1:]
    line = ' '.join(words)
    if not START.match(line):
        return []
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return []


def snippets(text: str) -> list[str]:
    """Python code blocks."""
    return [textwrap.dedent(body) for language, body in FENCE.findall(text) if language in ('python', 'py')]


def headings(text: str) -> set[str]:
    """Anchors of a page: written ones, and those that GitHub and MkDocs make of headings."""
    found = set(re.findall(r'<a id="([\w-]+)">', text))
    for title in re.findall(r'^#+ +(.+?) *$', FENCE.sub('', text), re.MULTILINE):
        title = re.sub(r'\[([^]]*)\]\([^)]*\)|`', r'\1', title).lower()
        anchor = re.sub(r'[^\w\- ]', '', title).strip().replace(' ', '-')
        found.add(anchor if anchor not in found else f'{anchor}_1')
    return found


def links(text: str) -> list[str]:
    """Targets of the links and pictures of a page, addresses left out."""
    targets = re.findall(r'\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)', FENCE.sub('', text))
    return [target for target in targets if not re.match(r'[a-z]+:', target)]


class _Captured(Exception):
    """Thrown by the script's first ``parse_args``."""


def parser_of(script: str) -> argparse.ArgumentParser:
    """The parser of a script, or of a module with ``-m``, taken at the moment when it would read its words."""

    def capture(parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        raise _Captured(parser)

    run: Callable[..., object] = runpy.run_path if script.endswith('.py') else runpy.run_module
    target = str(ROOT / script) if script.endswith('.py') else script
    path = [str((ROOT / script).parent), *sys.path]
    with (
        mock.patch.object(argparse.ArgumentParser, 'parse_known_args', capture),
        mock.patch.object(sys, 'argv', [script, '--help']),
        mock.patch.object(sys, 'path', path),
    ):
        try:
            run(target, run_name='__main__')
        except _Captured as captured:
            return captured.args[0]
    raise AssertionError(f'{script} has no parser of arguments')


def complaint(parser: argparse.ArgumentParser, words: list[str]) -> str | None:
    """What the parser says against these words; of a usage line only the options are looked at, a bare name is fine."""
    if not words:
        return None
    if any(re.search(r'[\[\]]|\.\.\.', word) for word in words):
        options = [word.strip('[]').partition('=')[0] for word in words if word.strip('[').startswith('--')]
        unknown = [option for option in options if option not in parser._option_string_actions]
        return f'unknown options {unknown}' if unknown else None
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        try:
            parser.parse_args(words)
        except SystemExit as end:
            message = errors.getvalue().strip().splitlines()[-1] if end.code else ''
            placeholder = re.search(r"invalid \w+ value: '[A-Z_]+'", message)  # `--size H W`
            return message if message and not placeholder else None
    return None


def exists_as_module(name: str) -> bool:
    """Whether ``python -m NAME`` finds something."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
