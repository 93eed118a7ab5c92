"""Turns arithmetic on named sizes into exact expressions that are equal where their values are equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from netdsl.types.size_atoms import Symbol
from netdsl.types.size_decision import constant_value
from netdsl.types.size_floor import floor_divide, replace
from netdsl.types.size_polynomial import Polynomial


@dataclass(frozen=True, eq=False, repr=False)
class OpenSize:
    """A size that depends on symbols, each of them a whole number of at least 1.

    Made by `symbol` and by `+ - * // %` with numbers and other sizes; a result without symbols is an int. Two open
    sizes are equal if their values are, however they are spelled: `H//2 + (H + 1)//2 == H`. That is decided by value
    over full periods; for periods that are too long to check (with one symbol, above about 32,000), and where a symbol
    is a divisor, sizes that no rule of `size_floor` makes the same are taken to differ.

    There is no order: `<` raises TypeError, and so does a size as a condition.
    """

    polynomial: Polynomial

    def __add__(self, other: Size) -> Size:
        return _size(self.polynomial.plus(polynomial_of(other))) if _is_size(other) else NotImplemented

    def __sub__(self, other: Size) -> Size:
        return _size(self.polynomial.minus(polynomial_of(other))) if _is_size(other) else NotImplemented

    def __rsub__(self, other: int) -> Size:
        return -self + other if _is_size(other) else NotImplemented

    def __mul__(self, other: Size) -> Size:
        return _size(self.polynomial.times(polynomial_of(other))) if _is_size(other) else NotImplemented

    def __floordiv__(self, other: Size) -> Size:
        return _quotient(self, other) if _is_size(other) else NotImplemented

    def __rfloordiv__(self, other: int) -> Size:
        return _quotient(other, self) if _is_size(other) else NotImplemented

    def __mod__(self, other: Size) -> Size:
        return self - other * (self // other) if _is_size(other) else NotImplemented

    def __rmod__(self, other: int) -> Size:
        return other - self * (other // self) if _is_size(other) else NotImplemented

    def __neg__(self) -> OpenSize:
        return OpenSize(self.polynomial.scaled(-1))

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OpenSize):
            return False if isinstance(other, int) else NotImplemented
        if self.polynomial == other.polynomial:
            return True
        if self.polynomial.samples != other.polynomial.samples:
            return False
        return constant_value(self.polynomial.minus(other.polynomial)) == 0

    def __hash__(self) -> int:
        return hash(self.polynomial.samples)

    def __bool__(self) -> bool:
        raise TypeError(f"the open size {self} is neither true nor false")

    def __str__(self) -> str:
        return self.polynomial.text

    def __format__(self, form: str) -> str:
        """As it is: commas between thousands are for numbers, so that `{size:,}` serves both."""
        return str(self)

    def __repr__(self) -> str:
        return f"OpenSize({self})"


Size: TypeAlias = int | OpenSize


def symbol(name: str) -> OpenSize:
    """The open size with this name.

    Raises:
        ValueError: the name is not an identifier.
    """
    if not name.isidentifier():
        raise ValueError(f"{name!r} is not a name")
    return OpenSize(Polynomial.atom(Symbol(name)))


def is_open(size: Size) -> bool:
    """Whether the size depends on symbols."""
    return isinstance(size, OpenSize)


def symbols(size: Size) -> frozenset[str]:
    """Names of the symbols in a size."""
    return size.polynomial.symbols if isinstance(size, OpenSize) else frozenset()


def substitute(size: Size, values: Mapping[str, Size]) -> Size:
    """The size with symbols replaced; an int once all are known. Names that do not occur are passed over.

    Raises:
        ValueError: a value is a number below 1.
        ZeroDivisionError: an open divisor is no longer known to be at least 1.
        SizeTooComplex: the result is too large.
    """
    for name, value in values.items():
        if isinstance(value, int) and value < 1:
            raise ValueError(f"{name} is at least 1, not {value}")
    if not isinstance(size, OpenSize):
        return size
    return _size(replace(size.polynomial, {name: polynomial_of(value) for name, value in values.items()}))


def polynomial_of(size: Size) -> Polynomial:
    """The size as a polynomial; a number becomes a constant one."""
    return size.polynomial if isinstance(size, OpenSize) else Polynomial.constant(size)


def _is_size(value: object) -> bool:
    return isinstance(value, int | OpenSize)


def _size(polynomial: Polynomial) -> Size:
    value = constant_value(polynomial.checked())
    return OpenSize(polynomial) if value is None else value


def _quotient(dividend: Size, divisor: Size) -> Size:
    return _size(floor_divide(polynomial_of(dividend), polynomial_of(divisor)))
