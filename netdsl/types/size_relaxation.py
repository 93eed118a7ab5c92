"""Turns a polynomial with floors into a lower bound that need not be the best, for sizes too large to decide.

Each floor gives way to `(p - d + 1)/d` where it counts for the value and to `p/d` where it counts against it; what is
left is a polynomial in the symbols, and with every symbol written as 1 + s, s at least 0, it is at least its constant
term if all its other coefficients are positive.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from itertools import combinations
from math import ceil

from netdsl.types.size_atoms import Floor, is_never_negative
from netdsl.types.size_polynomial import Monomial, Polynomial

_MOST_STEPS = 2_000
_MOST_DEGREE = 6


def relaxed_bound(polynomial: Polynomial) -> int | None:
    """A number that the polynomial is never below for symbols of at least 1; None if this way finds none."""
    terms = _without_floors(polynomial)
    if terms is None or any(len(monomial) > _MOST_DEGREE for monomial in terms):
        return None
    shifted: dict[Monomial, Fraction] = defaultdict(Fraction)
    for monomial, coefficient in terms.items():
        for length in range(len(monomial) + 1):
            for kept in combinations(monomial, length):
                shifted[kept] += coefficient
    bound = shifted.pop((), Fraction())
    return None if any(coefficient < 0 for coefficient in shifted.values()) else ceil(bound)


def _without_floors(polynomial: Polynomial) -> dict[Monomial, Fraction] | None:
    pending = [(monomial, Fraction(coefficient)) for monomial, coefficient in polynomial.terms]
    result: dict[Monomial, Fraction] = defaultdict(Fraction)
    for _ in range(_MOST_STEPS):
        if not pending:
            return result
        monomial, coefficient = pending.pop()
        floor = next((atom for atom in monomial if isinstance(atom, Floor)), None)
        if floor is None:
            result[tuple(sorted(monomial, key=lambda atom: atom.text))] += coefficient
            continue
        replaced = _one_floor_less(monomial, floor, coefficient)
        if replaced is None:
            return None
        pending.extend(replaced)
    return None


def _one_floor_less(monomial: Monomial, floor: Floor, coefficient: Fraction) -> list[tuple[Monomial, Fraction]] | None:
    """Terms whose sum is never above `coefficient * monomial`."""
    others = list(monomial)
    others.remove(floor)
    divisor = floor.divisor.value
    if divisor is None or not all(is_never_negative(atom) for atom in others):
        return None
    scale = coefficient / divisor
    terms = [((*inner, *others), scale * factor) for inner, factor in floor.dividend.terms]
    return [*terms, (tuple(others), scale * (1 - divisor))] if coefficient > 0 else terms
