"""Sizes of axes: numbers, and exact expressions in named sizes. The one door to the `size_…` modules beside it.

text → `symbol` → arithmetic (`size_open`, over `size_polynomial` and `size_floor`) → `Size`
`Size` → `size_bounds` (what always holds), `size_agreement` (when two sizes agree)
"""

from __future__ import annotations

from netdsl.types.size_agreement import Agreement, explain_equality
from netdsl.types.size_bounds import (
    always_at_least,
    divides,
    lower_bound,
    never_at_least,
    smallest_symbol_for,
    upper_bound,
)
from netdsl.types.size_open import OpenSize, Size, is_open, substitute, symbol, symbols
from netdsl.types.size_polynomial import SizeTooComplex

__all__ = [
    "Agreement",
    "OpenSize",
    "Size",
    "SizeTooComplex",
    "always_at_least",
    "divides",
    "explain_equality",
    "is_open",
    "lower_bound",
    "never_at_least",
    "smallest_symbol_for",
    "substitute",
    "symbol",
    "symbols",
    "upper_bound",
]
