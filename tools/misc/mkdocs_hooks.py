"""Hooks of MkDocs (`make docs`): API pages, pages of files outside ``docs``, and links between them.

Pages link to files of the repository outside ``docs``. The site has a page for some of them (``OUTSIDE``); links to
others become text, or links to the repository if ``repo_url`` is set.
"""

import ast
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
# Page of the site -> its file in the repository.
OUTSIDE = {
    'contributing.md': 'CONTRIBUTING.md',
    'changelog.md': 'CHANGELOG.md',
    'projects/camvid_vss.md': 'projects/camvid_vss/README.md',
    'projects/web_demo.md': 'projects/web_demo/README.md',
}
LINK = re.compile(r'(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)')
FENCE = re.compile(r'(^(?:```|~~~).*?^(?:```|~~~)[ ]*$)', re.MULTILINE | re.DOTALL)
ROLE = re.compile(r':(?:func|class|meth|mod|attr):<code>~?(.*?)</code>')


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Append the API section to the navigation."""
    config.nav.append({'API': ['api/index.md', *(f'api/{name}.md' for name in _packages())]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages and the pages whose files lie outside ``docs``."""
    packages = _packages()
    listed = '\n'.join(f'* [{name}]({name}.md): {_summary(path)}' for name, path in packages.items())
    files.append(File.generated(config, 'api/index.md', content=f'# API\n\n{listed}\n'))
    for name, path in packages.items():
        modules = [f'{name}.{file.stem}' for file in sorted(path.glob('*.py')) if not file.stem.startswith('_')]
        content = '\n\n'.join([f'# {name}', _docstring(path / '__init__.py'), *(f'::: {module}' for module in modules)])
        files.append(File.generated(config, f'api/{name}.md', content=content + '\n'))
    for page, path in OUTSIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite links for the site; code blocks are unchanged."""
    if page.file.src_uri.startswith('api/'):
        return markdown
    source = OUTSIDE.get(page.file.src_uri, f'docs/{page.file.src_uri}')

    def replace(match: re.Match) -> str:
        image, text, target = match.groups()
        found = _site_target(target, source, page.file.src_uri, config.repo_url)
        if found is None:
            return f'`{text}`' if target.endswith('.py') and '`' not in text else text
        return f'{image}[{text}]({found})'

    parts = FENCE.split(markdown)
    return ''.join(part if FENCE.fullmatch(part) else LINK.sub(replace, part) for part in parts)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Render Sphinx roles of docstrings as code."""
    return ROLE.sub(r'<code>\1</code>', html)


def _site_target(target: str, source: str, page: str, repo_url: str | None) -> str | None:
    """``target`` of a link in the file ``source`` as seen from ``page``; ``None``: the site has no such page."""
    if re.match(r'[a-z]+:|#', target):
        return target
    path, _, anchor = target.partition('#')
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    pages = {file: name for name, file in OUTSIDE.items()}
    if path in pages or path.startswith('docs/'):
        found = posixpath.relpath(pages.get(path, path.removeprefix('docs/')), posixpath.dirname(page) or '.')
        return f'{found}#{anchor}' if anchor else found
    return f'{repo_url.rstrip("/")}/blob/main/{path}' if repo_url else None


def _packages() -> dict[str, Path]:
    """Dotted name -> folder of each package of ``gvseg``."""
    folders = sorted(path.parent for path in (ROOT / 'gvseg').rglob('__init__.py') if '.mim' not in path.parts)
    return {'.'.join(folder.relative_to(ROOT).parts): folder for folder in folders}


def _docstring(path: Path) -> str:
    """The docstring of a module, without importing it."""
    return ast.get_docstring(ast.parse(path.read_text())) or ''


def _summary(folder: Path) -> str:
    """First line of a package's docstring."""
    return _docstring(folder / '__init__.py').partition('\n')[0]
