"""What hung on numbers that were compared, rounded, counted or divided, while a net was elaborated.

Two elaborations whose decisions are the same took the same turns: all else in them follows by sums and products.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from netdsl.types.sizes import OpenSize

OPERATORS = frozenset(("/", "//", "%", "==", "!=", "<", "<=", ">", ">="))
"""The operators whose results do not follow their operands by sums and products, or not for all of them."""

FUNCTIONS = frozenset(("min", "max", "len", "range", "floor", "ceil", "round", "round_to"))
"""The functions of which the same is true."""


@dataclass(eq=False, repr=False, slots=True)
class Decisions:
    """All of them in their order: what was asked, of which numbers, with which answer."""

    made: list[tuple[object, ...]] = field(default_factory=list)

    def ask(self, word: str, operands: list[Any], answer: Any) -> None:
        """Note what an operator, a function or an index made of its operands, if it is one that decides."""
        if word in OPERATORS or word in FUNCTIONS or word == "[]":
            self.made.append((word, *map(_plain, operands), _plain(answer)))

    def same_as(self, other: Decisions) -> bool:
        """Whether another elaboration asked the same of the same numbers."""
        return self.made == other.made


def _plain(value: Any) -> object:
    """Numbers, words and lists of them; of all else its kind, since it is made anew by each elaboration."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_plain, value))
    return value if isinstance(value, (int, Fraction, str, OpenSize)) else type(value).__name__
