"""Turns quotients of polynomials into polynomials whose floors are as few and as simple as the rules below allow.

    floor((a*d + r) / d)          = a + floor(r / d)
    floor(-p / d)                 = -floor((p + d - 1) / d)
    floor((g*p + c) / (g*d))      = floor((p + c//g) / d)
    floor((floor(p/a) + q) / b)   = floor((p + a*q) / (a*b))

for whole p, q and numbers a, b, c, d, g of at least 1 (R. Graham, D. Knuth, O. Patashnik, Concrete Mathematics, 3.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd

from netdsl.types.size_atoms import Atom, Floor, Symbol, floor_atom
from netdsl.types.size_polynomial import Monomial, Polynomial

_MOST_DIVISION_STEPS = 64


def floor_divide(dividend: Polynomial, divisor: Polynomial) -> Polynomial:
    """`dividend // divisor`, rounded down as Python does.

    Raises:
        ZeroDivisionError: the divisor is 0, or it has symbols and is not plainly at least 1.
        SizeTooComplex: a part is larger than the limits of `size_polynomial`.
    """
    number = divisor.value
    if number is None:
        return _divide_by_polynomial(dividend, divisor)
    if number == 0:
        raise ZeroDivisionError("a size divided by 0")
    return _divide_by_number(dividend, number) if number > 0 else _divide_by_number(dividend.scaled(-1), -number)


def replace(polynomial: Polynomial, values: Mapping[str, Polynomial]) -> Polynomial:
    """The polynomial with symbols replaced.

    Raises:
        ZeroDivisionError: a divisor is no longer plainly at least 1.
        SizeTooComplex: the result is too large.
    """
    total = Polynomial(())
    for monomial, coefficient in polynomial.terms:
        product = Polynomial.constant(coefficient)
        for atom in monomial:
            product = product.times(_replace_atom(atom, values))
        total = total.plus(product)
    return total


def _replace_atom(atom: Atom, values: Mapping[str, Polynomial]) -> Polynomial:
    if values.keys().isdisjoint(atom.symbols):
        return Polynomial.atom(atom)
    if isinstance(atom, Symbol):
        return values[atom.text]
    return floor_divide(replace(atom.dividend, values), replace(atom.divisor, values))


def _divide_by_number(dividend: Polynomial, divisor: int) -> Polynomial:
    leading = dividend.open_terms[0][1] if dividend.open_terms else 0
    if leading >= 0:
        return _split(dividend, divisor)
    return _split(Polynomial.constant(divisor - 1).minus(dividend), divisor).scaled(-1)


def _split(dividend: Polynomial, divisor: int) -> Polynomial:
    """Multiples of the divisor go before the floor; what stays has coefficients in 0 … divisor - 1."""
    whole = {monomial: coefficient // divisor for monomial, coefficient in dividend.terms}
    rest = {monomial: coefficient % divisor for monomial, coefficient in dividend.terms}
    return Polynomial.of(whole).plus(_proper_floor(Polynomial.of(rest), divisor))


def _proper_floor(rest: Polynomial, divisor: int) -> Polynomial:
    if rest.value is not None:
        return Polynomial(())
    common = gcd(divisor, rest.content)
    divisor //= common
    rest = Polynomial.of({monomial: coefficient // common for monomial, coefficient in rest.terms})
    inner = _only_floor(rest)
    if inner is None:
        return Polynomial.atom(floor_atom(rest, Polynomial.constant(divisor)))
    floor, inner_divisor = inner
    others = rest.minus(Polynomial.atom(floor))
    return _divide_by_number(others.scaled(inner_divisor).plus(floor.dividend), inner_divisor * divisor)


def _only_floor(dividend: Polynomial) -> tuple[Floor, int] | None:
    """The one floor in a dividend and its divisor, where it is a term by itself."""
    floors = [atom for atom in dividend.atoms if isinstance(atom, Floor)]
    if len(floors) != 1 or ((floors[0],), 1) not in dividend.terms:
        return None
    number = floors[0].divisor.value
    return None if number is None else (floors[0], number)


def _divide_by_polynomial(dividend: Polynomial, divisor: Polynomial) -> Polynomial:
    """Long division as far as the leading terms divide, then an opaque floor of what is left."""
    if not divisor.rises or divisor.at(dict.fromkeys(divisor.symbols, 1)) < 1:
        raise ZeroDivisionError(f"{divisor.text} is not known to be at least 1")
    whole, rest = Polynomial(()), dividend
    for _ in range(_MOST_DIVISION_STEPS):
        factor = _leading_quotient(rest, divisor)
        if factor is None:
            break
        whole, rest = whole.plus(factor), rest.minus(factor.times(divisor))
    if not rest.terms:
        return whole
    common = gcd(*(coefficient for _, coefficient in (*rest.terms, *divisor.terms)))
    top, bottom = (
        Polynomial(tuple((monomial, coefficient // common) for monomial, coefficient in part.terms))
        for part in (rest, divisor)
    )
    return whole.plus(Polynomial.atom(floor_atom(top, bottom)))


def _leading_quotient(dividend: Polynomial, divisor: Polynomial) -> Polynomial | None:
    if not dividend.terms:
        return None
    (top, coefficient), (bottom, by) = dividend.terms[0], divisor.terms[0]
    left_over: list[Atom] = list(top)
    for atom in bottom:
        if atom not in left_over:
            return None
        left_over.remove(atom)
    quotient: Monomial = tuple(left_over)
    return Polynomial(((quotient, coefficient // by),)) if coefficient % by == 0 else None
