"""Read configs, and check that the parts they name are registered.

Imports mmengine; import it as ``gvseg.utils.config``, not through ``gvseg.utils``.
"""

import difflib
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import mmengine.registry
from mmengine.config import Config
from mmengine.registry import Registry
from mmengine.utils import get_object_from_string

from .errors import ConfigError
from .recipes import choose_recipe, recipes_of
from .shipped import home


def load_config(path: str, options: dict[str, Any] | None = None) -> Config:
    """Read a config, merge options into it and register what it imports.

    Args:
        path (str): The config file, or the name of one that comes with GvSeg, as mim takes them, or
            ``gvseg::vis/NAME.py`` as mmengine does.
        options (dict, optional): Values of ``--cfg-options``; keys are dotted. ``recipe`` chooses the recipe of a
            general model, and comes first: other options change its settings.

    Raises:
        ConfigError: The file is missing or cannot be read, or an option does not fit.
    """
    path = _shipped(path.replace('gvseg::', 'configs/', 1) if path.startswith('gvseg::') else path)
    if not Path(path).is_file():
        raise ConfigError(f'Config {path} does not exist{_similar_files(Path(path))}.')
    try:
        config = Config.fromfile(path)
    except ImportError as error:
        raise ConfigError(f'Config {path} imports a module that fails: {error}.') from error
    except Exception as error:  # a config is a program: it may raise anything
        raise ConfigError(f'Config {path} cannot be read: {type(error).__name__}: {error}.') from error
    if recipes_of(config):
        options = dict(options or {})
        choose_recipe(config, options.pop('recipe', None) or options.pop('model.recipe', None))
    if options:
        try:
            config.merge_from_dict(options)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ConfigError(f'--cfg-options do not fit {path}: {error}.') from error
    return config


def _shipped(path: str) -> str:
    """The shipped config of this name or path, where the path itself is no file."""
    if Path(path).is_file():
        return path
    bare = path.endswith('.py') and Path(path).name == path
    named = (home() / 'configs').rglob(path) if bare else ()
    return str(next((file for file in (home() / path, *named) if file.is_file()), path))


def _similar_files(path: Path) -> str:
    """A hint naming configs of nearly the same name beside the missing one; may be empty."""
    if not path.parent.is_dir():
        return f', nor does the directory {path.parent}'
    names = [entry.name for entry in path.parent.glob('*.py')]
    close = difflib.get_close_matches(path.name, names, n=3, cutoff=0.7)
    return f'; did you mean {" or ".join(close)}' if close else ''


def check_parts(config: Config, path: str) -> None:
    """Check that every part the config names by ``type`` is registered somewhere.

    Only capitalised names are checked: lower-case ones (``dict(type='nms')``) are options of a part,
    not parts. A name with dots is resolved as scope and name, then as a Python object.

    Args:
        config (Config): After its custom imports.
        path (str): Its file, for the message.

    Raises:
        ConfigError: Names the first unknown part, the key where it stands, and close matches.
    """
    parts = list(_named_parts(config._cfg_dict))
    scopes = {name.split('.')[0] for _, name in parts if name.count('.') == 1}
    for scope in scopes | {config.get('default_scope') or 'mmdet'}:
        with suppress(ImportError):
            import_module(f'{scope}.registry')  # its registries join mmengine's tree when imported
    known = _registered_names()
    for key, name in parts:
        if name.split('.')[-1] in known or _is_object(name):
            continue
        close = difflib.get_close_matches(name, sorted(known), n=3)
        hint = f'did you mean {" or ".join(close)}' if close else 'nothing registered is similar'
        raise ConfigError(
            f'Config {path} names the unknown part "{name}" at {key}: {hint}. Parts of '
            'your own must be listed in custom_imports.'
        )


def _named_parts(node: Any, key: str = '') -> Iterator[tuple[str, str]]:
    """Every (dotted key, name) of a capitalised ``type`` inside nested dicts and lists."""
    if isinstance(node, dict):
        name = node.get('type')
        if isinstance(name, str) and name.split('.')[-1][:1].isupper():
            yield (f'{key}.type' if key else 'type'), name
        children: list[tuple[str, Any]] = [(str(part), value) for part, value in node.items()]
    elif isinstance(node, (list, tuple)):
        children = [(str(index), value) for index, value in enumerate(node)]
    else:
        return
    for part, value in children:
        yield from _named_parts(value, f'{key}.{part}' if key else part)


def _registered_names() -> set[str]:
    """Names in all registries of mmengine and their children (mmdet, mmseg, ...)."""
    roots = [value for value in vars(mmengine.registry).values() if isinstance(value, Registry)]
    names: set[str] = set()
    while roots:
        registry = roots.pop()
        registry.import_from_location()
        names.update(registry.module_dict)
        roots.extend(registry.children.values())
    return names


def _is_object(name: str) -> bool:
    """Whether a dotted name leads to an object in Python."""
    if '.' not in name:
        return False
    try:
        return get_object_from_string(name) is not None
    except Exception:  # any failure of the import: no such object
        return False
