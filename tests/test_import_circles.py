"""Imports make no circle between files, nor between rooms of core and models; rooms of core keep to their arrows."""

from pathlib import Path

import pytest

from tests.test_architecture import GVSEG_IMPORTS, Import, is_within, module_name, source_files

# Module or package of core -> the others of core that it may import; those not named import none.
CORE_ROOMS: dict[str, set[str]] = {
    'descriptors': {'graphs'},
    'tracking': {'descriptors'},
    'contrastive': {'descriptors', 'similarity'},
}


def import_graph(imports: list[tuple[Path, Import]]) -> dict[str, set[str]]:
    """Module -> modules of gvseg it imports, those that are imported for type checking or inside functions included."""
    modules = {module_name(path) for path in source_files('gvseg')}
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for path, found in imports:
        parts = found.name.split('.')
        names = ('.'.join(parts[:length]) for length in range(len(parts), 0, -1))
        target = next((name for name in names if name in modules), None)
        if target not in (None, 'gvseg', module_name(path)):
            graph[module_name(path)].add(target)
    return graph


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """One circle of each group of nodes that reach one another; empty for a graph without circles."""
    found, done = [], set()

    def visit(node: str, trail: list[str]) -> None:
        if node in trail:
            found.append(trail[trail.index(node) :] + [node])
        elif node not in done:
            for target in sorted(graph.get(node, ())):
                visit(target, [*trail, node])
            done.add(node)

    for node in sorted(graph):
        visit(node, [])
    return found


def rooms(graph: dict[str, set[str]], package: str) -> dict[str, set[str]]:
    """The graph of a package's direct parts."""
    merged: dict[str, set[str]] = {}
    for module, targets in graph.items():
        if is_within(module, package) and module != package:
            own = module.split('.')[2]
            others = {target.split('.')[2] for target in targets if target.startswith(f'{package}.')}
            merged.setdefault(own, set()).update(others - {own})
    return merged


def test_files_do_not_import_each_other_in_circles() -> None:
    assert not circles(import_graph(GVSEG_IMPORTS))


@pytest.mark.parametrize('package', ['core', 'models'])
def test_rooms_do_not_import_each_other_in_circles(package: str) -> None:
    assert not circles(rooms(import_graph(GVSEG_IMPORTS), f'gvseg.{package}'))


def test_rooms_of_core_import_only_along_their_arrows() -> None:
    found = rooms(import_graph(GVSEG_IMPORTS), 'gvseg.core')
    assert {room: targets for room, targets in found.items() if targets} == CORE_ROOMS


def test_circles_are_seen() -> None:
    assert circles({'a': {'b'}, 'b': {'c'}, 'c': {'a'}}) == [['a', 'b', 'c', 'a']]
    assert circles({'a': {'b', 'c'}, 'b': {'c'}, 'c': set()}) == []
