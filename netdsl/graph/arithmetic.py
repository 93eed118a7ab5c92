"""Arithmetic and comparison of the language's values: exact numbers, sizes axis by axis, and open sizes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from netdsl.graph.functions import NoValue
from netdsl.graph.scope import BlockValue, OperationValue
from netdsl.graph.words import describe
from netdsl.types.sizes import OpenSize

MAXIMUM_INTEGER = 10**18


def axis_by_axis(operator: str, left: Any, right: Any) -> Any:
    """Arithmetic; a size is calculated with axis by axis."""
    if isinstance(left, tuple) or isinstance(right, tuple):
        axes = max(len(side) for side in (left, right) if isinstance(side, tuple))
        lefts = left if isinstance(left, tuple) else (left,) * axes
        rights = right if isinstance(right, tuple) else (right,) * axes
        if len(lefts) != len(rights):
            raise NoValue(f"the sizes have {len(lefts)} and {len(rights)} axes")
        return tuple(_arithmetic(operator, a, b) for a, b in zip(lefts, rights, strict=True))
    if isinstance(left, list) and isinstance(right, list) and operator == "+":
        return left + right
    return _arithmetic(operator, left, right)


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    for side in (left, right):
        if isinstance(side, bool) or not isinstance(side, (int, Fraction, OpenSize)):
            raise NoValue(f"{describe(side)} is no number")
    if operator in ("/", "//", "%") and right == 0:
        raise NoValue("it divides by zero")
    result = _operate(operator, left, right)
    if isinstance(result, Fraction) and result.denominator == 1:
        result = int(result)
    if not isinstance(result, OpenSize) and abs(result) > MAXIMUM_INTEGER:
        raise NoValue(f"it is beyond {MAXIMUM_INTEGER:,}")
    return result


def _operate(operator: str, left: Any, right: Any) -> Any:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "//":
            return left // right
        case "%":
            return left % right
        case "/":
            return _divide(left, right)
        case _:
            return _power(left, right)


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, OpenSize) or isinstance(right, OpenSize):
        if isinstance(right, int) and left % right == 0:
            return left // right
        raise NoValue("the size is open, and the division may leave a rest; `//` rounds down")
    return Fraction(left) / Fraction(right)


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, OpenSize) or not isinstance(exponent, int) or abs(exponent) > 64:
        raise NoValue("a power takes a number and a whole exponent up to 64")
    if base == 0 and exponent < 0:
        raise NoValue("it divides by zero")
    return Fraction(base) ** exponent


def compare(operator: str, left: Any, right: Any) -> bool:
    """Whether a comparison holds.

    Raises:
        NoValue: the values cannot be compared, or it hangs on an open size.
    """
    if operator in ("==", "!="):
        if isinstance(left, OpenSize) != isinstance(right, OpenSize) or (isinstance(left, OpenSize) and left != right):
            raise NoValue("the size is open, and whether they are equal hangs on it")
        same = _same_thing(left, right)
        return same if operator == "==" else not same
    for side in (left, right):
        if isinstance(side, OpenSize):
            raise NoValue(f"{side} is open, and the answer hangs on it; `--size` fixes it")
        if isinstance(side, bool) or not isinstance(side, (int, Fraction)):
            raise NoValue(f"{describe(side)} cannot be ordered")
    match operator:
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def _same_thing(left: Any, right: Any) -> bool:
    if isinstance(left, OperationValue) and isinstance(right, OperationValue):
        return left.operation is right.operation
    if isinstance(left, BlockValue) and isinstance(right, BlockValue):
        return left.block is right.block
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right)
