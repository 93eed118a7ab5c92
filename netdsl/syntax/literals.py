"""The values of number and size literals."""

from __future__ import annotations

from fractions import Fraction

_SCALES = {"K": 10**3, "M": 10**6, "G": 10**9}


def number(text: str) -> int | Fraction:
    """The exact value of `64`, `1_000`, `61M`, `0.5`, `5e-4`; whole numbers are int."""
    scale = _SCALES.get(text[-1], 1)
    digits = (text[:-1] if scale > 1 else text).replace("_", "")
    value = int(digits) if digits.isdigit() else Fraction(digits)
    value *= scale
    return int(value) if value == int(value) else value


def size_parts(text: str) -> tuple[int | str, ...]:
    """The parts of `3xHxW`: whole numbers, and the names of open sizes."""
    return tuple(int(part) if part.isdigit() else part for part in text.split("x"))
