"""Turns names and quotients into atoms, the factors that the polynomials of sizes are made of.

An atom is a symbol or the floor of a quotient of polynomials; two atoms are the same if their texts are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import gcd
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

from netdsl.types import size_text

if TYPE_CHECKING:
    from netdsl.types.size_polynomial import Polynomial

SAMPLE_POINTS = 3


@dataclass(frozen=True)
class Symbol:
    """A named size: a whole number of at least 1."""

    text: str
    nodes = 1
    depth = 0
    degree = 1
    period = 1
    is_floor = False

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The symbol's own name."""
        return frozenset((self.text,))

    @cached_property
    def samples(self) -> tuple[int, ...]:
        """Arbitrary but fixed values of the symbol, spread over 32 bits."""
        return tuple(crc32(f"{self.text}{point}".encode()) + 1 for point in range(SAMPLE_POINTS))

    @property
    def rises(self) -> bool:
        """A symbol grows with itself."""
        return True

    def at(self, values: Mapping[str, int]) -> int:
        """The symbol's value."""
        return values[self.text]


@dataclass(frozen=True)
class Floor:
    """`dividend // divisor`, rounded down; the divisor is at least 1 for all values of the symbols."""

    dividend: Polynomial = field(compare=False)
    divisor: Polynomial = field(compare=False)
    text: str
    is_floor = True

    @cached_property
    def nodes(self) -> int:
        """How large the expression is."""
        return 1 + self.dividend.nodes + self.divisor.nodes

    @cached_property
    def depth(self) -> int:
        """How many floors lie inside each other, this one counted."""
        return 1 + max(self.dividend.depth, self.divisor.depth)

    @property
    def degree(self) -> int:
        """Greatest degree of the polynomials that the floor is on residue classes."""
        return self.dividend.degree

    @cached_property
    def period(self) -> int | None:
        """See `Polynomial.period`.

        A shift by `divisor / gcd(divisor, coefficients)` changes a dividend without floors by multiples of the
        divisor; floors inside first need a shift by their own period.
        """
        number, inner = self.divisor.value, self.dividend.period
        if number is None or inner is None:
            return None
        return inner * (number // gcd(number, self.dividend.content))

    @cached_property
    def symbols(self) -> frozenset[str]:
        """Names of the symbols inside."""
        return self.dividend.symbols | self.divisor.symbols

    @cached_property
    def samples(self) -> tuple[int, ...]:
        """Values at the sample points."""
        return tuple(top // bottom for top, bottom in zip(self.dividend.samples, self.divisor.samples, strict=True))

    @property
    def rises(self) -> bool:
        """Whether it is plain to see that no symbol's growth makes it smaller."""
        return self.divisor.value is not None and self.dividend.rises

    def at(self, values: Mapping[str, int]) -> int:
        """The value where the symbols have these values."""
        return self.dividend.at(values) // self.divisor.at(values)


Atom: TypeAlias = Symbol | Floor


def atom_order(atom: Atom) -> tuple[bool, str]:
    """Sorting key: symbols before floors, by text."""
    return atom.is_floor, atom.text


def floor_atom(dividend: Polynomial, divisor: Polynomial) -> Floor:
    """The atom `dividend // divisor`, as it stands.

    Raises:
        SizeTooComplex: a part is larger than the limits of `size_polynomial`.
    """
    text = size_text.floor_text(dividend.checked().text, divisor.checked().text)
    return Floor(dividend, divisor, text)


def is_never_negative(atom: Atom) -> bool:
    """Whether it is plain to see that the atom is at least 0 for all symbols of at least 1."""
    return atom.rises and atom.at(dict.fromkeys(atom.symbols, 1)) >= 0
