"""Values of the language to the typed values of an operation's parameters, with ranges checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from fractions import Fraction
from typing import Any, ClassVar, Protocol

from netdsl.diagnostics import parameters as facts
from netdsl.diagnostics import shapes
from netdsl.diagnostics.core import Fact, listing
from netdsl.ops.layout import layout_advice
from netdsl.ops.windows import SAME
from netdsl.types.tensors import TensorType
from netdsl.weights.starts import STARTS, Start


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Parameter:
    """One parameter of an operation, as declared."""

    name: str
    kind: str
    default: Any
    doc: str
    ranges: dict[str, float | None]
    choices: tuple[str, ...]

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is MISSING


_TABLES: dict[type, dict[str, Parameter]] = {}


def parameters_of(operation: type) -> dict[str, Parameter]:
    """The parameters of an operation by name, the positional one first; read from its fields once."""
    table = _TABLES.get(operation)
    if table is not None:
        return table
    table = _TABLES[operation] = {}
    for declared in fields(operation):
        metadata = dict(declared.metadata)
        doc, choices = metadata.pop("doc"), metadata.pop("choices")
        table[declared.name] = Parameter(declared.name, _kind(declared.type), declared.default, doc, metadata, choices)
    return table


def _kind(annotation: Any) -> str:
    """An annotation as it is written; without `from __future__ import annotations` a field holds the type itself."""
    return annotation.__name__ if type(annotation) is type else str(annotation)


class Callee(Protocol):
    """What has a word and declared parameters: an operation, or a word of a recipe."""

    word: ClassVar[str]


def typed(operation: type[Callee], parameter: Parameter, value: Any, x: TensorType | None) -> Any | Fact:
    """The value in the form that the operation's field has, or the fact that is wrong with it.

    Args:
        operation: whose parameter it is, for its word.
        parameter: the parameter.
        value: a value of the language, known.
        x: the first input, whose rank tells how many axes a size has.
    """
    if parameter.kind.endswith("| None") and value is None:
        return None
    kind = parameter.kind.removesuffix(" | None")
    result = KINDS[kind](operation.word, parameter, value, x)
    if isinstance(result, Fact) or value == parameter.default:
        return result
    return _out_of_range(operation.word, parameter, result) or result


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Described:
    """A value that no parameter takes, in words."""

    words: str


def _wrong(word: str, parameter: Parameter, value: Any, needed: str) -> Fact:
    return facts.WrongKindOfValue(word, parameter.name, show(value), needed)


def show(value: Any) -> str:
    """A value as the language writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Described):
        return value.words
    if isinstance(value, tuple):
        return f"({', '.join(map(show, value))})"
    if isinstance(value, Fraction):
        return f"{float(value):g}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _whole(word: str, parameter: Parameter, value: Any, _x: TensorType | None) -> Any:
    if isinstance(value, Fraction):
        return facts.NotWhole(f"`{parameter.name}` of `{word}`", show(value))
    return value if _is_int(value) else _wrong(word, parameter, value, "a whole number")


def _number(word: str, parameter: Parameter, value: Any, _x: TensorType | None) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        return _wrong(word, parameter, value, "a number")
    return float(value)


def _truth(word: str, parameter: Parameter, value: Any, _x: TensorType | None) -> Any:
    return value if isinstance(value, bool) else _wrong(word, parameter, value, "`true` or `false`")


def _choice(word: str, parameter: Parameter, value: Any, _x: TensorType | None) -> Any:
    if value in parameter.choices or (isinstance(value, str) and not parameter.choices):
        return value
    return facts.WrongKindOfValue(word, parameter.name, _shown_word(value), listing(parameter.choices))


def _numbers(word: str, parameter: Parameter, value: Any, _x: TensorType | None) -> Any:
    values = value if isinstance(value, (tuple, list)) else (value,)
    if any(isinstance(v, bool) or not isinstance(v, (int, float, Fraction)) for v in values):
        return _wrong(word, parameter, value, "a number, or one for each channel: `(0.5, 0.5, 0.5)`")
    return tuple(float(v) for v in values)


def _integers(word: str, parameter: Parameter, value: Any, _x: TensorType | None) -> Any:
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if not all(_is_int(v) for v in values):
        return _wrong(word, parameter, value, "whole numbers: `(1, 2)`")
    return values


def _words(word: str, parameter: Parameter, value: Any, _x: TensorType | None) -> Any:
    values = value if isinstance(value, (tuple, list)) else (value,)
    if any(isinstance(v, Described) or v not in parameter.choices for v in values):
        given = f"({', '.join(map(_shown_word, values))})"
        needed = f"words in parentheses: {listing(parameter.choices)}"
        return facts.WrongKindOfValue(word, parameter.name, given, needed)
    return tuple(values)


def _shown_word(value: Any) -> str:
    """A word as it is written, without quotes; any other value as the language writes it."""
    return f"`{value}`" if isinstance(value, str) else show(value)


def _sizes(word: str, parameter: Parameter, value: Any, x: TensorType | None) -> Any:
    rank = x.rank if x is not None else 0
    if rank == 0:
        return shapes.NeedsSpatialAxes(word, str(x))
    if isinstance(value, Fraction) or (isinstance(value, tuple) and any(isinstance(v, Fraction) for v in value)):
        return facts.NotWhole(f"`{parameter.name}` of `{word}`", show(value))
    if _is_int(value):
        return (value,) * rank
    if not isinstance(value, tuple) or not all(_is_int(v) for v in value):
        return _wrong(word, parameter, value, "a size: `3`, `3x3` or `(1, 3)`")
    if len(value) != rank:
        what = f"`{parameter.name}` of `{word}`, {'x'.join(map(str, value))},"
        advice = layout_advice(x) if x is not None else None
        return shapes.WrongRank(what, value, str(x), rank, advice)
    return value


def _shape(word: str, parameter: Parameter, value: Any, _x: TensorType | None) -> Any:
    sizes = value if isinstance(value, tuple) else (value,)
    return sizes if all(map(_is_int, sizes)) else _wrong(word, parameter, value, "known sizes: `768x1`")


def _padding(word: str, parameter: Parameter, value: Any, x: TensorType | None) -> Any:
    if value == SAME:
        return SAME
    rank = x.rank if x is not None else 0
    if rank == 0:
        return shapes.NeedsSpatialAxes(word, str(x))
    if rank == 1 and isinstance(value, tuple) and len(value) == 2 and all(map(_is_int, value)):
        return (value,)
    if isinstance(value, tuple) and len(value) == rank and any(isinstance(v, tuple) for v in value):
        pairs = tuple(v if isinstance(v, tuple) else (v, v) for v in value)
        if all(len(pair) == 2 and all(map(_is_int, pair)) for pair in pairs):
            return pairs
        return _wrong(word, parameter, value, "one (before, after) for each axis")
    sizes = _sizes(word, parameter, value, x)
    return sizes if isinstance(sizes, Fact) else tuple((size, size) for size in sizes)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _start(word: str, parameter: Parameter, value: Any, _x: TensorType | None) -> Any:
    if isinstance(value, Start):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        return _wrong(word, parameter, value, f"{listing(tuple(STARTS))}, `normal(0.01)`, `uniform(0.05)` or a number")
    return Start("constant", (float(value),))


KINDS: dict[str, Callable[[str, Parameter, Any, TensorType | None], Any]] = {
    "int": _whole,
    "float": _number,
    "bool": _truth,
    "str": _choice,
    "Sizes": _sizes,
    "Padding": _padding,
    "Start": _start,
    "Shape": _shape,
    "tuple[float, ...]": _numbers,
    "tuple[int, ...]": _integers,
    "tuple[str, ...]": _words,
}


def _out_of_range(word: str, parameter: Parameter, value: Any) -> Fact | None:
    ranges = dict(parameter.ranges)
    if parameter.kind == "Padding" and ranges.get("minimum") is None:
        ranges["minimum"] = 0
    if not any(limit is not None for limit in ranges.values()):
        return None
    for number in _flat(value):
        if not _inside(number, ranges):
            return facts.OutOfRange(word, parameter.name, _digits(number), _range_words(ranges))
    return None


def _flat(value: Any) -> list[float]:
    if isinstance(value, tuple):
        return [number for part in value for number in _flat(part)]
    return [] if value is None or isinstance(value, (str, Start)) else [value]


def _inside(number: float, ranges: dict[str, float | None]) -> bool:
    minimum, maximum, below, above = (ranges.get(name) for name in ("minimum", "maximum", "below", "above"))
    return (
        (minimum is None or number >= minimum)
        and (maximum is None or number <= maximum)
        and (below is None or number < below)
        and (above is None or number > above)
    )


def _range_words(ranges: dict[str, float | None]) -> str:
    words = {"minimum": "at least", "above": "greater than", "maximum": "at most", "below": "less than"}
    return " and ".join(
        f"{word} {_digits(bound)}" for name, word in words.items() if (bound := ranges.get(name)) is not None
    )


def _digits(number: float) -> str:
    """A number as it is told: whole ones with all their digits."""
    return str(number) if type(number) is int else f"{number:g}"
