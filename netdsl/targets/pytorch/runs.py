"""Members of an `nn.Sequential` to runs: neighbours of one kind, alike or changing step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from netdsl.targets.pytorch.naming import numbered
from netdsl.targets.pytorch.recipes import Chain, Path, Recipe, Run, Slot, numerator, part_of, skeleton, slots

LARGEST_PART = 1000
FEWEST = 3
"""From so many members on, values that change step by step are a rule."""


def chain(members: Sequence[tuple[str | None, Recipe]]) -> Chain:
    """A sequence of members, with neighbours of one kind gathered into runs.

    Args:
        members: name and recipe of each; the name is None where it is the member's number.
    """
    runs: list[Run] = []
    forms = [skeleton(recipe) for _, recipe in members]
    place = 0
    while place < len(members):
        length, steps = _longest_run(members, forms, place)
        name, recipe = members[place]
        stem, number = numbered(name) if name is not None and length > 1 else (name, None)
        runs.append(Run(recipe, length, steps, stem, number))
        place += length
    return Chain(tuple(runs), any(name is not None for name, _ in members))


def _longest_run(
    members: Sequence[tuple[str | None, Recipe]], forms: Sequence[object], place: int
) -> tuple[int, Mapping[Path, tuple[str, int]]]:
    """How many members from a place on are alike, or change step by step (at least three of them)."""
    length, steps = max((_run_by(sign, members, forms, place) for sign in "+*"), key=lambda run: run[0])
    if steps and length >= FEWEST and not any("/" in sign for sign, _ in steps.values()):
        again = {path: (f"{sign}%{length}", number) for path, (sign, number) in steps.items()}
        longer = _length_by(again, members, forms, place)
        length, steps = (longer, again) if longer > length else (length, steps)
    return (1, {}) if steps and length < FEWEST else (length, steps)


def _run_by(
    sign: str, members: Sequence[tuple[str | None, Recipe]], forms: Sequence[object], place: int
) -> tuple[int, Mapping[Path, tuple[str, int]]]:
    first = dict(slots(members[place][1]))
    steps: Mapping[Path, tuple[str, int]] | None = None
    length = 1
    while place + length < len(members) and forms[place + length] == forms[place]:
        if not _follows(members[place][0], members[place + length][0], length):
            break
        other = dict(slots(members[place + length][1]))
        found = _steps(first, other, sign) if steps is None else _continued(first, other, length, steps)
        if found is None:
            break
        steps = found
        length += 1
    return length, steps or {}


def _length_by(
    steps: Mapping[Path, tuple[str, int]],
    members: Sequence[tuple[str | None, Recipe]],
    forms: Sequence[object],
    place: int,
) -> int:
    """How many members from a place on have the first one's form, and the values that the steps tell."""
    first = dict(slots(members[place][1]))
    length = 1
    while place + length < len(members) and forms[place + length] == forms[place]:
        other = dict(slots(members[place + length][1]))
        named = _follows(members[place][0], members[place + length][0], length)
        if not named or _continued(first, other, length, steps) is None:
            break
        length += 1
    return length


def _follows(first: str | None, other: str | None, distance: int) -> bool:
    if first is None or other is None:
        return first is other
    stem, number = numbered(first)
    return number is not None and f"{stem}{number + distance}" == other


def _steps(first: Mapping[Path, Slot], second: Mapping[Path, Slot], sign: str) -> Mapping[Path, tuple[str, int]] | None:
    """By what each slot changes from the first member to the second; None where that is no sum or product."""
    if first.keys() != second.keys():
        return None
    steps: dict[Path, tuple[str, int]] = {}
    for path, slot in first.items():
        one, two = slot.value, second[path].value
        if one == two and type(one) is type(two):
            continue
        if type(one) is float and type(two) is float and sign == "+":
            part = _common_part(one, two)
            if part is None:
                return None
            steps[path] = (f"+/{part}", numerator(two, part) - numerator(one, part))
            continue
        if type(one) is not int or type(two) is not int:
            return None
        if sign == "*" and (one < 1 or two <= one or two % one):
            return None
        steps[path] = (sign, two - one if sign == "+" else two // one)
    return steps


def _continued(
    first: Mapping[Path, Slot], other: Mapping[Path, Slot], turn: int, steps: Mapping[Path, tuple[str, int]]
) -> Mapping[Path, tuple[str, int]] | None:
    """The steps, if another member follows from the first by them."""
    if first.keys() != other.keys():
        return None
    for path, slot in first.items():
        expected = at(slot.value, steps[path], turn) if path in steps else slot.value
        if expected != other[path].value or type(expected) is not type(other[path].value):
            return None
    return steps


def _common_part(one: float, two: float) -> int | None:
    """The number that both are multiples of one part of, 170 for 6/170 and 7/170: exactly, as Python divides."""
    ratios = [Fraction(value).limit_denominator(LARGEST_PART) for value in (one, two)]
    part = math.lcm(*(ratio.denominator for ratio in ratios))
    exact = all(numerator(value, part) / part == value for value in (one, two))
    return part if exact and part <= LARGEST_PART else None


def at(start: float, step: tuple[str, int], turn: int) -> float:
    """The value of a changing slot in a turn."""
    sign, number = step
    part = part_of(sign)
    if part is not None:
        return (numerator(start, part) + number * turn) / part
    kind, _, period = sign.partition("%")
    turn = turn % int(period) if period else turn
    return start + number * turn if kind == "+" else start * number**turn
