"""Turns polynomials with floors into facts that hold for every value of their symbols, by checking enough values.

Where every floor divides by a number, a size is a polynomial on each residue class modulo its period
(`Polynomial.period`), and `degree + 1` values of each class decide about the whole class.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from netdsl.types import size_newton
from netdsl.types.size_polynomial import Monomial, Polynomial

MOST_PERIOD = 4_096
_MOST_POINTS = 65_536
_MOST_WORK = 2_000_000


def constant_value(polynomial: Polynomial) -> int | None:
    """The number that the polynomial is for all values of its symbols.

    None if it varies, or if to know it would take too many values.
    """
    if polynomial.value is not None:
        return polynomial.value
    if polynomial.depth == 0 or min(polynomial.samples) != max(polynomial.samples):
        return None
    if all(_is_constant(part) for part in components(polynomial)):
        return polynomial.samples[0]
    return None


def components(polynomial: Polynomial) -> list[Polynomial]:
    """Parts without common symbols that, with the constant, add up to the polynomial."""
    parts: list[tuple[frozenset[str], dict[Monomial, int]]] = []
    for monomial, coefficient in polynomial.open_terms:
        names = frozenset[str]().union(*(atom.symbols for atom in monomial))
        terms = {monomial: coefficient}
        for other in [part for part in parts if not names.isdisjoint(part[0])]:
            parts.remove(other)
            names, terms = names | other[0], other[1] | terms
        parts.append((names, terms))
    return [Polynomial.of(terms) for _, terms in parts]


def grid(polynomial: Polynomial, periods: int) -> Iterator[int] | None:
    """Values with every symbol in the first `periods` periods, from 1; None if that is too much work."""
    if polynomial.period is None:
        return None
    side, names = polynomial.period * periods, sorted(polynomial.symbols)
    points = side ** len(names)
    if points > _MOST_POINTS or points * polynomial.nodes > _MOST_WORK:
        return None
    places = product(range(1, side + 1), repeat=len(names))
    return (polynomial.at(dict(zip(names, place, strict=True))) for place in places)


def residue_classes(polynomial: Polynomial) -> Iterator[size_newton.Differences] | None:
    """For a polynomial in one symbol of period P: its values at r, r + P, r + 2 P, … as a polynomial, for r = 1 … P.

    None where that cannot be told: two symbols, a division by a symbol, a period above 4,096, or too much work.
    """
    period, degree = polynomial.period, polynomial.degree
    if period is None or period > MOST_PERIOD or len(polynomial.symbols) != 1:
        return None
    if period * (degree + 1) * polynomial.nodes > _MOST_WORK:
        return None
    (name,) = polynomial.symbols
    return (
        size_newton.fit([polynomial.at({name: first + period * step}) for step in range(degree + 1)])
        for first in range(1, period + 1)
    )


def _is_constant(part: Polynomial) -> bool:
    if min(part.samples) != max(part.samples):
        return False
    values = grid(part, part.degree + 1)
    return values is not None and all(value == part.samples[0] for value in values)
