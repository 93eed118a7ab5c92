"""The functions of expressions: lists of values to a value."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

from netdsl.weights.starts import Start

MAXIMUM_LIST = 100_000


class NoValue(Exception):
    """An expression has no value; the text says why. Never leaves the evaluator."""


def _numbers(arguments: list[Any], least: int = 1, most: int | None = None) -> list[Any]:
    if len(arguments) < least or (most is not None and len(arguments) > most):
        wanted = str(least) if most == least else f"{least} to {most}" if most else f"at least {least}"
        raise NoValue(f"the function takes {wanted} arguments")
    for argument in arguments:
        if isinstance(argument, bool) or not isinstance(argument, (int, Fraction)):
            raise NoValue("the function takes numbers")
    return arguments


def _sequence(arguments: list[Any]) -> Any:
    if len(arguments) != 1 or not isinstance(arguments[0], (list, tuple)):
        raise NoValue("the function takes one list")
    return arguments[0]


def _spread(arguments: list[Any]) -> list[Any]:
    """`max([3, 4])` is `max(3, 4)`."""
    if len(arguments) == 1 and isinstance(arguments[0], (list, tuple)):
        return list(arguments[0])
    return arguments


def _minimum(arguments: list[Any]) -> Any:
    return min(_numbers(_spread(arguments)))


def _maximum(arguments: list[Any]) -> Any:
    return max(_numbers(_spread(arguments)))


def _sum(arguments: list[Any]) -> Any:
    return sum(_numbers(list(_sequence(arguments)), least=0))


def _length(arguments: list[Any]) -> int:
    return len(_sequence(arguments))


def _range(arguments: list[Any]) -> list[int]:
    numbers = _numbers(arguments, 1, 3)
    if any(not isinstance(number, int) for number in numbers):
        raise NoValue("`range` takes whole numbers")
    if len(numbers) == 3 and numbers[2] == 0:
        raise NoValue("a step of 0 never ends")
    span = range(*numbers)
    if len(span) > MAXIMUM_LIST:
        raise NoValue(f"a list has at most {MAXIMUM_LIST:,} members, and this has {len(span):,}")
    return list(span)


def _enumerate(arguments: list[Any]) -> list[Any]:
    return [(place, member) for place, member in enumerate(_sequence(arguments))]


def _zip(arguments: list[Any]) -> list[Any]:
    columns = [_sequence([argument]) for argument in arguments]
    if len({len(column) for column in columns}) > 1:
        raise NoValue(f"the lists have {', '.join(str(len(column)) for column in columns)} members")
    return list(zip(*columns, strict=True))


def _floor(arguments: list[Any]) -> int:
    rounded: int = floor(_numbers(arguments, 1, 1)[0])
    return rounded


def _ceil(arguments: list[Any]) -> int:
    rounded: int = ceil(_numbers(arguments, 1, 1)[0])
    return rounded


def _round(arguments: list[Any]) -> int:
    """Halves are rounded up, as people do."""
    rounded: int = floor(_numbers(arguments, 1, 1)[0] + Fraction(1, 2))
    return rounded


def _round_to(arguments: list[Any]) -> int:
    """The multiple of n that is nearest, at least n and never below nine tenths of the value.

    The rule of the MobileNets for scaled widths (Howard et al. 2017, Sandler et al. 2018).
    """
    value, multiple = _numbers(arguments, 2, 2)
    if not isinstance(multiple, int) or multiple < 1:
        raise NoValue("`round_to` takes a value and a whole number of at least 1")
    nearest = max(multiple, floor(Fraction(value) + Fraction(multiple, 2)) // multiple * multiple)
    return nearest if nearest >= Fraction(9, 10) * value else nearest + multiple


def _normal(arguments: list[Any]) -> Start:
    """Weights that begin as a bell curve with this standard deviation: `init=normal(0.01)`."""
    return Start("normal", (float(_positive(arguments)),))


def _uniform(arguments: list[Any]) -> Start:
    """Weights that begin between this number and its negative: `init=uniform(0.05)`."""
    return Start("uniform", (float(_positive(arguments)),))


def _positive(arguments: list[Any]) -> Any:
    (number,) = _numbers(arguments, 1, 1)
    if number <= 0:
        raise NoValue("the spread of first weights is greater than 0")
    return number


FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "min": _minimum,
    "max": _maximum,
    "sum": _sum,
    "len": _length,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "floor": _floor,
    "ceil": _ceil,
    "round": _round,
    "round_to": _round_to,
    "normal": _normal,
    "uniform": _uniform,
}
