"""Turns two sizes that differ into the values of their symbol for which they agree, for the words of a diagnostic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netdsl.types import size_newton
from netdsl.types.size_bounds import lower_bound, upper_bound
from netdsl.types.size_decision import constant_value, residue_classes
from netdsl.types.size_open import OpenSize, Size, polynomial_of
from netdsl.types.size_polynomial import Polynomial

_EXAMPLES = 3
_MOST_RANGES = 6


@dataclass(frozen=True)
class Agreement:
    """When two sizes agree.

    `never`: for no legal value of any symbol. Otherwise, if `symbol` is given, they agree exactly where the symbol
    leaves one of `residues` when divided by `modulus` (None if there are none), and at the single `values` beside
    that. If `symbol` is None, it could not be told, and `equation` is what would have to hold. `examples` are the
    smallest legal values of the symbol for which they agree, three at most.
    """

    never: bool
    symbol: str | None = None
    modulus: int | None = None
    residues: tuple[int, ...] = ()
    examples: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    equation: str = ""

    @property
    def words(self) -> str:
        """`8 divides H`, `H leaves 4 or 5 when divided by 8`, `H is 224 to 255`, `H = W`, `never`, `always`."""
        if self.never:
            return "never"
        parts = []
        if self.modulus is not None:
            parts.append(_residue_words(self.symbol, self.modulus, self.residues))
        if self.values:
            parts.append(f"{self.symbol} is {_listed(self.values)}")
        return ", or ".join(parts) or self.equation


def explain_equality(left: Size, right: Size, minimum: int = 1) -> Agreement:
    """When two sizes agree.

    The claim is exact, and so is "never", for sizes whose difference has one symbol, a period P of at most 4,096 and
    no symbol as a divisor. Both sizes, and so their difference, are then the sum of a linear term and one of period P
    (with products: a polynomial on each of the P residue classes). That has no threshold, as floors round down for
    negative numbers too. A polynomial of degree n that is 0 at n + 1 places is 0 everywhere, so n + 1 full periods
    (two for linear sizes) prove the agreement of a class; in every other class `size_newton.zeros` finds all single
    agreements. With more symbols or longer periods "never" is proved by bounds and divisibility, or else the answer
    is an equation.

    Args:
        left: One size.
        right: The other size.
        minimum: Least legal value of the symbol, where only one occurs.
    """
    difference = polynomial_of(left).minus(polynomial_of(right))
    number = constant_value(difference)
    if number == 0:
        return Agreement(never=False, modulus=1, residues=(0,))
    if number is not None:
        return Agreement(never=True)
    classes = residue_classes(difference)
    if classes is not None:
        return _solve(difference, list(classes), max(minimum, 1))
    if _is_never_zero(difference):
        return Agreement(never=True)
    return Agreement(never=False, equation=_equation(difference))


def _solve(difference: Polynomial, classes: Sequence[size_newton.Differences], minimum: int) -> Agreement:
    (name,) = difference.symbols
    period = len(classes)
    residues = [first % period for first, values in enumerate(classes, 1) if not values]
    single = [
        first + period * step for first, values in enumerate(classes, 1) if values for step in size_newton.zeros(values)
    ]
    legal = sorted(value for value in single if value >= minimum)
    if not residues and not legal:
        return Agreement(never=True, symbol=name)
    modulus = _least_modulus(period, residues)
    shown = sorted({residue % modulus for residue in residues})
    repeated = [
        minimum + (residue - minimum) % modulus + modulus * turn for residue in shown for turn in range(_EXAMPLES)
    ]
    return Agreement(
        never=False,
        symbol=name,
        modulus=modulus if shown else None,
        residues=tuple(shown),
        examples=tuple(sorted({*repeated, *legal[:_EXAMPLES]})[:_EXAMPLES]),
        values=tuple(legal),
    )


def _least_modulus(period: int, residues: Sequence[int]) -> int:
    """The least divisor of the period that describes the same residues."""
    wanted = set(residues)
    for modulus in (number for number in range(1, period + 1) if period % number == 0):
        if all((residue + modulus) % period in wanted for residue in wanted):
            return modulus
    return period


def _is_never_zero(difference: Polynomial) -> bool:
    """By bounds, or because a number divides all terms but the constant one."""
    if difference.content and difference.offset % difference.content:
        return True
    low, high = lower_bound(OpenSize(difference)), upper_bound(OpenSize(difference))
    return (low is not None and low > 0) or (high is not None and high < 0)


def _equation(difference: Polynomial) -> str:
    common = difference.content
    reduced = [(monomial, coefficient // common) for monomial, coefficient in difference.terms]
    sides = (
        Polynomial(tuple(term for term in reduced if term[1] > 0)),
        Polynomial(tuple((monomial, -coefficient) for monomial, coefficient in reduced if coefficient < 0)),
    )
    return f"{sides[0].text} = {sides[1].text}"


def _residue_words(name: str | None, modulus: int, residues: Sequence[int]) -> str:
    if modulus == 1:
        return "always"
    if tuple(residues) == (0,):
        return f"{modulus} divides {name}"
    if tuple(residues) == tuple(range(1, modulus)):
        return f"{modulus} does not divide {name}"
    return f"{name} leaves {_listed(residues)} when divided by {modulus}"


def _listed(numbers: Sequence[int]) -> str:
    """`4`, `4 or 5`, `1, 3 or 5 to 8`; the end of a long list is only counted."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    pieces = [piece for first, last in ranges[:_MOST_RANGES] for piece in _range_words(first, last)]
    left_over = sum(last - first + 1 for first, last in ranges[_MOST_RANGES:])
    if left_over:
        pieces.append(f"one of {left_over} more")
    return " or ".join(part for part in (", ".join(pieces[:-1]), pieces[-1]) if part)


def _range_words(first: int, last: int) -> list[str]:
    return [f"{first} to {last}"] if last - first > 1 else [str(number) for number in range(first, last + 1)]
