"""Turns terms into ordered polynomials with whole coefficients over atoms.

Constants are polynomials too. Nothing here simplifies floors (see `size_floor`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import gcd, lcm, prod
from typing import TypeAlias

from netdsl.types import size_text
from netdsl.types.size_atoms import SAMPLE_POINTS, Atom, atom_order, is_never_negative

MOST_NODES = 10_000
MOST_NESTED_FLOORS = 50
MOST_BITS = 4_096


class SizeTooComplex(ValueError):
    """A size of more than 10,000 nodes, 50 floors inside each other, or a number of more than 4,096 bits."""


Monomial: TypeAlias = tuple[Atom, ...]


def _term_order(term: tuple[Monomial, int]) -> tuple[int, list[tuple[bool, str]]]:
    return -len(term[0]), [atom_order(atom) for atom in term[0]]


@dataclass(frozen=True)
class Polynomial:
    """Terms `coefficient * atom * atom …`, the longest first, the constant last; equality is by spelling."""

    terms: tuple[tuple[Monomial, int], ...]

    @classmethod
    def of(cls, terms: Mapping[Monomial, int]) -> Polynomial:
        """The polynomial with these terms, in any order, zeros among them."""
        return cls(tuple(sorted((term for term in terms.items() if term[1]), key=_term_order)))

    @classmethod
    def constant(cls, value: int) -> Polynomial:
        """A number as a polynomial."""
        return cls((((), value),) if value else ())

    @classmethod
    def atom(cls, atom: Atom) -> Polynomial:
        """An atom as a polynomial."""
        return cls((((atom,), 1),))

    def plus(self, other: Polynomial) -> Polynomial:
        """The sum."""
        terms = dict(self.terms)
        for monomial, coefficient in other.terms:
            terms[monomial] = terms.get(monomial, 0) + coefficient
        return Polynomial.of(terms)

    def minus(self, other: Polynomial) -> Polynomial:
        """The difference."""
        return self.plus(other.scaled(-1))

    def scaled(self, factor: int) -> Polynomial:
        """Every coefficient times `factor`."""
        return Polynomial(tuple((monomial, coefficient * factor) for monomial, coefficient in self.terms if factor))

    def times(self, other: Polynomial) -> Polynomial:
        """The product, multiplied out.

        Raises:
            SizeTooComplex: there would be more than 10,000 terms to add up.
        """
        if len(self.terms) * len(other.terms) > MOST_NODES:
            raise SizeTooComplex(f"a product of {len(self.terms)} by {len(other.terms)} terms")
        terms: dict[Monomial, int] = {}
        for left, first in self.terms:
            for right, second in other.terms:
                monomial = tuple(sorted(left + right, key=atom_order)) if left and right else left or right
                terms[monomial] = terms.get(monomial, 0) + first * second
        return Polynomial.of(terms)

    def at(self, values: Mapping[str, int]) -> int:
        """The value where the symbols have these values."""
        total = 0
        for monomial, coefficient in self.terms:
            product = coefficient
            for atom in monomial:
                product *= atom.at(values)
            total += product
        return total

    @property
    def value(self) -> int | None:
        """The number that this polynomial is; None if there is an atom in it."""
        if not self.terms:
            return 0
        return None if self.terms[0][0] else self.terms[0][1]

    @property
    def offset(self) -> int:
        """The constant term."""
        return self.terms[-1][1] if self.terms and not self.terms[-1][0] else 0

    @property
    def open_terms(self) -> tuple[tuple[Monomial, int], ...]:
        """All terms but the constant."""
        return self.terms[:-1] if self.offset else self.terms

    @property
    def atoms(self) -> list[Atom]:
        """The atoms as often as they occur."""
        return [atom for monomial, _ in self.terms for atom in monomial]

    @cached_property
    def content(self) -> int:
        """Greatest common divisor of the coefficients, the constant left out; 0 for a constant."""
        return gcd(*(coefficient for _, coefficient in self.open_terms))

    @cached_property
    def nodes(self) -> int:
        """How large the expression is."""
        return len(self.terms) + sum(atom.nodes for atom in self.atoms)

    @cached_property
    def depth(self) -> int:
        """How many floors lie inside each other."""
        return max((atom.depth for atom in self.atoms), default=0)

    @cached_property
    def degree(self) -> int:
        """Greatest degree of the polynomials that this one is on residue classes (see `period`)."""
        return max((sum(atom.degree for atom in monomial) for monomial, _ in self.terms), default=0)

    @cached_property
    def period(self) -> int | None:
        """A number P that makes floors vanish.

        As each symbol runs through one residue class modulo P, the value is a polynomial without floors in the
        numbers of steps, with whole coefficients. None where a floor divides by a symbol.
        """
        result = 1
        for atom in self.atoms:
            if atom.period is None:
                return None
            result = lcm(result, atom.period)
        return result

    @cached_property
    def symbols(self) -> frozenset[str]:
        """Names of the symbols."""
        return frozenset().union(*(atom.symbols for atom in self.atoms))

    @cached_property
    def samples(self) -> tuple[int, ...]:
        """Values at a few fixed points: where they differ, the polynomials differ."""
        return tuple(
            sum(coefficient * prod(atom.samples[point] for atom in monomial) for monomial, coefficient in self.terms)
            for point in range(SAMPLE_POINTS)
        )

    @cached_property
    def rises(self) -> bool:
        """Whether it is plain to see that no symbol's growth makes it smaller."""
        return all(coefficient > 0 and _product_rises(monomial) for monomial, coefficient in self.open_terms)

    @cached_property
    def text(self) -> str:
        """The expression as the language writes it."""
        return size_text.sum_text(
            [(coefficient, [(atom.text, atom.is_floor) for atom in monomial]) for monomial, coefficient in self.terms]
        )

    def checked(self) -> Polynomial:
        """Itself.

        Raises:
            SizeTooComplex: it is larger than the limits of this module.
        """
        if self.nodes > MOST_NODES:
            raise SizeTooComplex(f"a size of {self.nodes:,} nodes")
        if self.depth > MOST_NESTED_FLOORS:
            raise SizeTooComplex(f"a size with {self.depth} floors inside each other")
        if any(coefficient.bit_length() > MOST_BITS for _, coefficient in self.terms):
            raise SizeTooComplex(f"a size with a number of more than {MOST_BITS:,} bits")
        return self


def _product_rises(monomial: Monomial) -> bool:
    if len(monomial) == 1:
        return monomial[0].rises
    return all(is_never_negative(atom) for atom in monomial)
