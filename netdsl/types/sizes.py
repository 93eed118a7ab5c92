"""Sizes of axes: numbers, and exact expressions in named sizes. The one door to the `size_…` modules beside it.

text → `symbol` → arithmetic (`size_open`, over `size_polynomial` and `size_floor`) → `Size`
`Size` → `size_bounds` (what always holds), `size_agreement` (when two sizes agree)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netdsl.types import size_agreement, size_bounds
from netdsl.types.size_open import OpenSize, Size, is_open, substitute, symbol, symbols
from netdsl.types.size_polynomial import SizeTooComplex

if TYPE_CHECKING:
    from netdsl.types.size_agreement import Agreement


def lower_bound(size: Size) -> int | None:
    """A number that the size is never below (see `size_bounds.lower_bound`)."""
    return size if isinstance(size, int) else size_bounds.lower_bound(size)


def upper_bound(size: Size) -> int | None:
    """A number that the size is never above (see `size_bounds.upper_bound`)."""
    return size if isinstance(size, int) else size_bounds.upper_bound(size)


def always_at_least(size: Size, least: int) -> bool:
    """Whether the size is provably `least` or more for all symbols of at least 1."""
    return size >= least if isinstance(size, int) else size_bounds.always_at_least(size, least)


def never_at_least(size: Size, least: int) -> bool:
    """Whether the size is provably below `least` for all symbols of at least 1."""
    return size < least if isinstance(size, int) else size_bounds.never_at_least(size, least)


def smallest_symbol_for(size: Size, least: int) -> dict[str, int] | None:
    """The smallest value of a size's one symbol that brings it to `least` (see `size_bounds`)."""
    return size_bounds.smallest_symbol_for(size, least)


def largest_symbol_for(size: Size, least: int) -> dict[str, int] | None:
    """The largest value of a size's one symbol that keeps it at `least` (see `size_bounds`)."""
    return size_bounds.largest_symbol_for(size, least)


def divides(size: Size, divisor: int) -> bool | None:
    """Whether the divisor divides the size always, never, or (None) for some symbols only."""
    return size_bounds.divides(size, divisor)


def explain_equality(left: Size, right: Size, minimum: int = 1) -> Agreement:
    """When two sizes agree (see `size_agreement.explain_equality`)."""
    return size_agreement.explain_equality(left, right, minimum)


__all__ = [
    "OpenSize",
    "Size",
    "SizeTooComplex",
    "always_at_least",
    "divides",
    "explain_equality",
    "is_open",
    "largest_symbol_for",
    "lower_bound",
    "never_at_least",
    "smallest_symbol_for",
    "substitute",
    "symbol",
    "symbols",
    "upper_bound",
]
