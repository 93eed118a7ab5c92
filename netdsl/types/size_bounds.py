"""Turns sizes into what holds for all values of their symbols: least values, comparisons, divisibility."""

from __future__ import annotations

from collections.abc import Iterable

from netdsl.types import size_newton
from netdsl.types.size_decision import components, grid, residue_classes
from netdsl.types.size_open import OpenSize, Size, substitute, symbol
from netdsl.types.size_polynomial import Polynomial, SizeTooComplex
from netdsl.types.size_relaxation import relaxed_bound

_LARGEST_SYMBOL = 2**63


def lower_bound(size: Size) -> int | None:
    """A number that the size is never below, all symbols being at least 1; None if there is none or none is known.

    It is the least value itself for a size that only grows with its symbols, and for one that is a sum of parts in one
    symbol each, with periods up to 4,096.
    """
    if not isinstance(size, OpenSize):
        return size
    polynomial = size.polynomial
    if polynomial.rises:
        return polynomial.at(dict.fromkeys(polynomial.symbols, 1))
    total = polynomial.offset
    for part in components(polynomial):
        bound = _part_bound(part)
        if bound is None:
            return None
        total += bound
    return total


def upper_bound(size: Size) -> int | None:
    """A number that the size is never above; the mirror image of `lower_bound`."""
    mirrored = lower_bound(-size)
    return None if mirrored is None else -mirrored


def always_at_least(size: Size, least: int) -> bool:
    """Whether the size is provably `least` or more for all symbols of at least 1."""
    bound = lower_bound(size)
    return bound is not None and bound >= least


def never_at_least(size: Size, least: int) -> bool:
    """Whether the size is provably below `least` for all symbols of at least 1."""
    bound = upper_bound(size)
    return bound is not None and bound < least


def smallest_symbol_for(size: Size, least: int) -> dict[str, int] | None:
    """The smallest value of a size's one symbol from which on the size is at least `least`.

    Args:
        size: A size in one symbol that provably never falls as the symbol grows; or a number.
        least: The number to reach.

    Returns:
        The symbol and its value; `{}` for a number that is large enough; None if the size is of another kind or does
        not reach `least` for any symbol below 2**63.
    """
    if not isinstance(size, OpenSize):
        return {} if size >= least else None
    if len(size.polynomial.symbols) != 1 or not _never_falls(size):
        return None
    (name,) = size.polynomial.symbols
    below, reached = 0, 1
    while size.polynomial.at({name: reached}) < least:
        below, reached = reached, 2 * reached
        if reached > _LARGEST_SYMBOL:
            return None
    while reached - below > 1:
        middle = (below + reached) // 2
        if size.polynomial.at({name: middle}) < least:
            below = middle
        else:
            reached = middle
    return {name: reached}


def largest_symbol_for(size: Size, least: int) -> dict[str, int] | None:
    """The largest value of a size's one symbol up to which the size is at least `least`.

    Args:
        size: A size in one symbol that provably never rises as the symbol grows.
        least: The number to keep.

    Returns:
        The symbol and its value; None if the size is of another kind, or below `least` where the symbol is 1.
    """
    if not isinstance(size, OpenSize) or len(size.polynomial.symbols) != 1:
        return None
    opposite = size * -1
    if not isinstance(opposite, OpenSize) or not _never_falls(opposite) or size.polynomial.at({_only(size): 1}) < least:
        return None
    beyond = smallest_symbol_for(opposite, 1 - least)
    return None if beyond is None else {name: value - 1 for name, value in beyond.items()}


def _only(size: OpenSize) -> str:
    (name,) = size.polynomial.symbols
    return name


def divides(size: Size, divisor: int) -> bool | None:
    """Whether a number divides a size: always (True), never (False), or it depends or is unknown (None).

    Raises:
        ValueError: the divisor is below 1.
        SizeTooComplex: the remainder is too large an expression.
    """
    if divisor < 1:
        raise ValueError(f"no divisor: {divisor}")
    rest = size % divisor
    if not isinstance(rest, OpenSize):
        return rest == 0
    values = grid(rest.polynomial, 1)
    return None if values is None else _always_or_never(value == 0 for value in values)


def _always_or_never(facts: Iterable[bool]) -> bool | None:
    seen = set[bool]()
    for fact in facts:
        seen.add(fact)
        if len(seen) == 2:
            return None
    return seen == {True}


def _never_falls(size: OpenSize) -> bool:
    if size.polynomial.rises:
        return True
    (name,) = size.polynomial.symbols
    try:
        growth = substitute(size, {name: symbol(name) + 1}) - size
    except SizeTooComplex:
        return False
    return always_at_least(growth, 0)


def _part_bound(part: Polynomial) -> int | None:
    if part.rises:
        return part.at(dict.fromkeys(part.symbols, 1))
    classes = residue_classes(part)
    if classes is None:
        return relaxed_bound(part)
    bounds = []
    for values in classes:
        bound = size_newton.least(values)
        if bound is None:
            return None
        bounds.append(bound)
    return min(bounds)
