"""Values that slots and parameters have in the uses of a block, and simple expressions between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from netdsl.ops.lowering import one_or_all
from netdsl.syntax import ast


class Absent:
    """The value of a slot in a use that has no such part, and of a default that is none."""


ABSENT: Final = Absent()
INCOMING = ("in_channels", "in_features", "num_features", "normalized_shape", "num_channels")
OUTGOING = ("out_channels", "out_features", "num_features")
CHANNELS = dict.fromkeys(("channels", "normalized_shape", "num_features", "num_channels"), "channels")
"""What normalisation calls the channels that it is for, and what a class of ours calls them."""

LARGEST_OFFSET = 4


@dataclass(frozen=True, eq=False, slots=True)
class Term:
    """What is written into a slot, with its value in every use."""

    text: str
    values: tuple[Any, ...]
    varies: bool


@dataclass(eq=False, slots=True)
class Parameter:
    """A parameter of a class, with its value in every use."""

    name: str
    values: tuple[Any, ...]
    default: Any = ABSENT
    used: bool = False

    @property
    def annotation(self) -> str:
        """Its type, as PyTorch's stubs have it."""
        return " | ".join(sorted(dict.fromkeys(map(_annotation, self.values)), key=lambda text: (len(text), text)))


def plain(value: Any) -> Any:
    """A value of the language as PyTorch's arguments have it, `ABSENT` for tensors, blocks and the like."""
    match value:
        case bool() | int():
            return value
        case Fraction():
            return int(value) if value.denominator == 1 else float(value)
        case tuple() if value and all(type(member) is int for member in value):
            return one_or_all(value)
    return ABSENT


def plain_default(expression: ast.Expression | None) -> Any:
    """The value of a default that is written as a number, a size, `true` or `false`; `ABSENT` for all others."""
    match expression:
        case ast.Number(value=value) | ast.Boolean(value=value):
            return plain(value)
        case ast.Size(parts=parts):
            return plain(parts)
    return ABSENT


def same(one: Any, two: Any) -> bool:
    """Whether values are equal and of one type: 1 is not `True`."""
    return type(one) is type(two) and bool(one == two)


def agree(values: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether values are the same in every use that has one."""
    return all(value is ABSENT or same(value, other) for value, other in zip(values, others, strict=True))


def _annotation(value: Any) -> str:
    if isinstance(value, tuple):
        return f"tuple[{', '.join(_annotation(member) for member in value)}]"
    return type(value).__name__


def forms(parameter: Parameter, values: Sequence[Any]) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Simple expressions in a parameter that have the values: a multiple, a fraction, half of it, a small step away."""
    pairs = [(value, own) for value, own in zip(values, parameter.values, strict=True) if value is not ABSENT]
    if not all(type(number) is int for number in (*(value for value, _ in pairs), *parameter.values)):
        return
    value, own = max(pairs)
    name = parameter.name
    if own > 0 and value % own == 0 and all(one == two * (value // own) for one, two in pairs):
        factor = value // own
        yield f"{factor} * {name}", lambda number: number * factor
    if value > 0 and own % value == 0 and all(one * (own // value) == two for one, two in pairs):
        yield f"{name} // {own // value}", _divided_by(own // value)
    if all(one == two // 2 for one, two in pairs):
        yield f"{name} // 2", _divided_by(2)
    if all(one == (two - 1) // 2 for one, two in pairs):
        yield f"({name} - 1) // 2", lambda number: (number - 1) // 2
    offset = value - own
    if 0 < abs(offset) <= LARGEST_OFFSET and all(one == two + offset for one, two in pairs):
        yield f"{name} {'+' if offset > 0 else '-'} {abs(offset)}", lambda number: number + offset


def _divided_by(divisor: int) -> Callable[[int], int]:
    return lambda number: number // divisor
