"""Turns values of a whole-valued polynomial at 0, 1, 2, … into its zeros and its least value there.

A polynomial is the tuple of its forward differences at 0: `f(x) = sum of c[k] * binomial(x, k)` (Newton's form), so
that `f(x + 1) - f(x)` is the same tuple without its first entry. The last entry is not 0; the empty tuple is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import comb

Differences = tuple[int, ...]


def fit(values: Sequence[int]) -> Differences:
    """The polynomial of the least degree with these values at 0, 1, 2 and so on."""
    row, differences = list(values), []
    while row:
        differences.append(row[0])
        row = [right - left for left, right in pairwise(row)]
    while differences and differences[-1] == 0:
        differences.pop()
    return tuple(differences)


def value(polynomial: Differences, x: int) -> int:
    """f(x) for x of at least 0."""
    return sum(difference * comb(x, order) for order, difference in enumerate(polynomial))


def zeros(polynomial: Differences) -> list[int]:
    """All x of at least 0 with f(x) = 0, for an f that is not 0 everywhere."""
    if len(polynomial) == 1:
        return []
    if len(polynomial) == 2:
        start, step = polynomial
        return [-start // step] if start % step == 0 and -start // step >= 0 else []
    end = _settled(polynomial)
    below_one = (polynomial[0] - 1, *polynomial[1:])
    marks = sorted({0, end, *_crossings(polynomial, end), *_crossings(below_one, end)})
    return [x for left, right in pairwise(marks) if value(polynomial, left) == 0 for x in range(left, right)]


def least(polynomial: Differences) -> int | None:
    """The least f(x) over x of at least 0; None if there is none."""
    if len(polynomial) <= 1:
        return sum(polynomial)
    if polynomial[-1] < 0:
        return None
    turns = _crossings(polynomial[1:], _settled(polynomial))
    return min(value(polynomial, x) for x in (0, *turns))


def _settled(polynomial: Differences) -> int:
    """A place from which f has its last sign and only moves away from 0: all its differences have that sign there."""
    sign = 1 if polynomial[-1] > 0 else -1
    x = 1
    while value(polynomial, x) == 0 or any(sign * value(polynomial[order:], x) < 0 for order in range(len(polynomial))):
        x *= 2
    return x


def _crossings(polynomial: Differences, end: int) -> list[int]:
    """The x in 1 … end where exactly one of f(x - 1), f(x) is negative.

    Between the crossings of its difference f is monotone, so that each part holds at most one, found by bisection.
    """
    if len(polynomial) <= 1:
        return []
    found = []
    for left, right in pairwise([0, *_crossings(polynomial[1:], end), end]):
        if (value(polynomial, left) < 0) != (value(polynomial, right) < 0):
            found.append(_crossing(polynomial, left, right))
    return found


def _crossing(polynomial: Differences, left: int, right: int) -> int:
    negative = value(polynomial, left) < 0
    while right - left > 1:
        middle = (left + right) // 2
        if (value(polynomial, middle) < 0) == negative:
            left = middle
        else:
            right = middle
    return right
