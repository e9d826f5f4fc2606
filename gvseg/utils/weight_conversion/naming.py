"""Apply a table of names to the weights of another project.

Shapes: D channels of the output, 4 C channels of four neighbouring cells.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

#: A part of a joined tensor: name and place.
PART = re.compile(r'(.+)#(\d)')


@dataclass(frozen=True)
class KeyMapping:
    """Names of Mask2Former's parameters in another project.

    Attributes:
        title: the project, for messages.
        names: pairs of a pattern for their full name and our name; the first match is used. Names of ours that end in
            ``#0``, ``#1``, ... are parts of one tensor, concatenated along the first axis.
        dropped: patterns of names that our network does not need.
        operations: pairs of a pattern for our name and a function of the tensor.
    """

    title: str
    names: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...] = ()
    operations: tuple[tuple[str, Callable[[Tensor], Tensor]], ...] = ()

    def rename(self, name: str) -> str:
        """Our name for theirs; empty where there is none."""
        for pattern, replacement in self.names:
            match = re.fullmatch(pattern, name)
            if match:
                return match.expand(replacement)
        return ''

    def drops(self, name: str) -> bool:
        """Whether a name is not needed, as opposed to unknown."""
        return any(re.fullmatch(pattern, name) for pattern in self.dropped)


@dataclass
class Translation:
    """Weights under our names.

    Attributes:
        weights: by our name.
        reshaped: joined or reordered tensors, one line of the report each.
        unexpected: their names without a counterpart.
        sources: for each of our names, theirs.
    """

    weights: dict[str, Tensor] = field(default_factory=dict)
    reshaped: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    sources: dict[str, list[str]] = field(default_factory=dict)


def translate(weights: Mapping[str, Tensor], dialect: KeyMapping) -> Translation:
    """Rename, concatenate and reorder the tensors of another project."""
    result, parts = Translation(), {}
    for name in sorted(weights):
        own = dialect.rename(name)
        if not own:
            result.unexpected += [] if dialect.drops(name) else [name]
            continue
        part = PART.fullmatch(own)
        stem, index = part.groups() if part else (own, '0')
        parts.setdefault(stem, {})[int(index)] = weights[name]
        result.sources.setdefault(stem, []).append(name)
    for name, found in parts.items():
        joined = [found[index] for index in sorted(found)]
        result.weights[name] = torch.cat(joined) if len(joined) > 1 else joined[0]
        if len(joined) > 1:
            result.reshaped.append(f'{name}: joined from {len(joined)} tensors')
        for pattern, operation in dialect.operations:
            if re.fullmatch(pattern, name):
                result.weights[name] = operation(result.weights[name])
                result.reshaped.append(f'{name}: channels reordered')
    return result


def unfold_order(values: Tensor) -> Tensor:
    """Reorder the input channels of Swin's patch merging from the original's order to mmdet's.

    The original concatenates the four cells of a 2 x 2 window, column by column; mmdet uses ``nn.Unfold``: row by row,
    with the cells of a channel adjacent.

    Args:
        values: (D, 4 C) of the reduction, or (4 C,) of the norm before it.
    """
    cells = values.unflatten(-1, (4, -1))[..., [0, 2, 1, 3], :]
    return cells.transpose(-1, -2).flatten(-2).contiguous()
