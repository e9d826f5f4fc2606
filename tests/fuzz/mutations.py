"""Changes of good files: a seeded generator in, damaged bytes out.

Each function takes (rng, data) and returns other bytes; the same seed gives the same bytes.
"""

import copy
import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

Mutation = Callable[[random.Random, bytes], bytes]
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    -1,
    0,
    1,
    2,
    2.5,
    -0.0,
    1e300,
    10**30,
    2**63,
    2**31,
    255,
    65536,
    '',
    'x',
    '1',
    '../../x',
    '/x',
    'a\0b',
    'é',
    'x' * 5000,
    [],
    {},
    [[]],
    [None],
    [[1.0, 2.0]],
    [1] * 6,
    {'size': [4, 5], 'counts': 'd0'},
    {'size': [1e9, 1e9], 'counts': [10**30]},
    [[1e9, 1e9, -1e9, 1e9, 0, 0]],
    float('nan'),
    float('inf'),
)
ODD_WORDS = (b'inf', b'nan', b'-1', b'1e999', b'1e9', b'', b'x', b'../..', b'\0', b'\xff\xfe', b'0.5 0.5', b'9' * 5000)


def _paths(node: Any, path: tuple = ()) -> list[tuple]:
    """Paths of all nodes of nested JSON."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found = [path]
    for key, child in children:
        found += _paths(child, (*path, key))
    return found


def edit(rng: random.Random, content: Any) -> Any:
    """One change of nested lists and dicts: a value is replaced, removed, doubled, moved, or nearly right."""
    paths = _paths(content)
    path = rng.choice(paths)
    if not path:
        return copy.deepcopy(rng.choice(ODD_VALUES))
    node, key = content, path[-1]
    for step in path[:-1]:
        node = node[step]
    kind = rng.choice(('value', 'value', 'remove', 'double', 'exchange', 'near'))
    if kind == 'remove':
        del node[key]
    elif kind == 'double' and isinstance(node, list):
        node.insert(key, copy.deepcopy(node[key]))
    elif kind == 'exchange':
        other = content
        for step in rng.choice(paths):
            other = other[step]
        node[key] = copy.deepcopy(other)
    elif kind == 'near' and isinstance(node[key], (int, float)):
        node[key] += rng.choice((-1, 1, 0.5, 1000))
    elif kind == 'near' and isinstance(node[key], str) and node[key]:
        place = rng.randrange(len(node[key]))
        node[key] = node[key][:place] + chr(rng.randrange(32, 127)) + node[key][place + 1 :]
    else:
        node[key] = copy.deepcopy(rng.choice(ODD_VALUES))
    return content


def json_values(rng: random.Random, data: bytes) -> bytes:
    """One to three changes of a JSON file's values."""
    content = json.loads(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        content = edit(rng, content)
    return json.dumps(content).encode()


def json_text(rng: random.Random, data: bytes) -> bytes:
    """What JSON alone can hold: nesting without end, numbers without end, keys twice, other encodings."""
    deep = rng.choice((b'[', b'{"a":')) * rng.choice((500, 5000, 200_000))
    place = rng.choice([place for place, byte in enumerate(data) if byte in b':,']) + 1
    return rng.choice(
        (
            data[:place] + deep + data[place:],
            data[:place] + b'9' * rng.choice((400, 5000, 100_000)) + data[place:],
            data[:place] + b'1e999' + data[place:],
            data.decode().encode('utf-16'),
            b'\xef\xbb\xbf' + data,
            data * 2,
            b'',
            data.replace(b'"id"', b'"id": 1, "id"', 1),
            data.replace(b'"', b'\\ud800"', 1),
        )
    )


def flipped(rng: random.Random, data: bytes) -> bytes:
    """One to eight bytes changed."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8)) if changed else 0):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(rng: random.Random, data: bytes) -> bytes:
    """The end, the beginning or a part in between is gone."""
    first, last = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return rng.choice((data[:first], data[last:], data[:first] + data[last:]))


def joined(rng: random.Random, data: bytes) -> bytes:
    """A part is there twice, or noise is put in."""
    first, last = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    part = rng.choice((data[first:last][:10_000], rng.randbytes(rng.choice((1, 16, 400))), b'\0' * 64))
    return data[:first] + part + data[first:]


def words(rng: random.Random, data: bytes) -> bytes:
    """A word of a text is replaced, removed or doubled."""
    lines = [line.split(b' ') for line in data.split(b'\n')]
    line = rng.choice(lines)
    place = rng.randrange(len(line))
    line[place : place + 1] = rng.choice(([rng.choice(ODD_WORDS)], [], [line[place]] * 2))
    return b'\n'.join(b' '.join(line) for line in lines)


def png_chunks(rng: random.Random, data: bytes) -> bytes:
    """Bytes of a PNG's chunks changed, a chunk removed or doubled, with check sums that fit."""
    chunks, position = [], 8
    while position + 12 <= len(data):
        (length,) = struct.unpack_from('>I', data, position)
        chunks.append((data[position + 4 : position + 8], data[position + 8 : position + 8 + length]))
        position += 12 + length
    place = rng.randrange(len(chunks))
    kind, body = chunks[place]
    changed = {
        'bytes': [(kind, flipped(rng, body))],
        'remove': [],
        'double': [(kind, body)] * 2,
        'cut': [(kind, body[: rng.randrange(len(body) + 1)])],
        'size': [(kind, body)],
    }
    how = rng.choice(sorted(changed))
    if how == 'size' and kind == b'IHDR':
        sides = (rng.choice((0, 1, 7, 2**16, 2**20, 2**31 - 1)) for _ in range(2))
        changed[how] = [(kind, struct.pack('>II', *sides) + body[8:])]
    chunks[place : place + 1] = changed[how]
    parts = [
        struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return data[:8] + b''.join(parts)


BYTES: tuple[Mutation, ...] = (flipped, cut, joined)
JSON: tuple[Mutation, ...] = (json_values, json_values, json_values, json_values, json_text, *BYTES)
TEXT: tuple[Mutation, ...] = (words, words, *BYTES)
PNG: tuple[Mutation, ...] = (png_chunks, png_chunks, *BYTES)
