"""Turns terms of a size into text as the language writes it: `64*H*W`, `(H + 1)//2 - 3`."""

from __future__ import annotations

from collections.abc import Sequence

Term = tuple[int, Sequence[tuple[str, bool]]]


def sum_text(terms: Sequence[Term]) -> str:
    """The terms joined by plus and minus.

    Args:
        terms: coefficient, and the factors with whether each is a quotient. Their order is kept, except that the
            first positive term leads: `10 - H`.
    """
    if not terms:
        return "0"
    lead = next((index for index, (coefficient, _) in enumerate(terms) if coefficient > 0), 0)
    rest = [*terms[:lead], *terms[lead + 1 :]]
    tail = [f" {'-' if term[0] < 0 else '+'} {_term_text(term, bare=True)}" for term in rest]
    sign = "-" if terms[lead][0] < 0 else ""
    return sign + _term_text(terms[lead], bare=not sign) + "".join(tail)


def floor_text(dividend: str, divisor: str) -> str:
    """`dividend//divisor`, with brackets where a part is more than a name or a number."""
    return f"{_operand(dividend)}//{_operand(divisor)}"


def _term_text(term: Term, bare: bool) -> str:
    """A term without its sign; a quotient stands without brackets only where it is the whole of a `bare` term."""
    coefficient, factors = abs(term[0]), term[1]
    if bare and coefficient == 1 and len(factors) == 1:
        return factors[0][0]
    parts = [f"({text})" if is_quotient else text for text, is_quotient in factors]
    if coefficient != 1 or not parts:
        parts.insert(0, str(coefficient))
    return "*".join(parts)


def _operand(text: str) -> str:
    return text if text.isidentifier() or text.isdigit() else f"({text})"
