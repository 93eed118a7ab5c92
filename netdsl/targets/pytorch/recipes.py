"""How a submodule is made, as data: a call, or an `nn.Sequential` of calls with its repetitions found.

A recipe has slots, the places of its literals, each under a path. Uses of a block whose recipes differ in their slots
alone share a class; what its constructor writes into the slots is decided elsewhere (`parameters.py`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from netdsl.targets.pytorch.signatures import SameAs, Signature

Path: TypeAlias = tuple[str, ...]
COUNT, START, STEP = "*count", "*start", "*step"


@dataclass(frozen=True, eq=False, slots=True)
class Make:
    """`nn.Conv2d(3, 96, kernel_size=11, stride=4)`: the first `positional` arguments are written by place."""

    callee: str
    arguments: Mapping[str, Any]
    positional: int
    signature: Signature

    def default(self, name: str) -> Any:
        """What an argument is where it is not written; KeyError where that is not known."""
        value = self.signature.defaults[name]
        return self.arguments[value.argument] if isinstance(value, SameAs) else value


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """`count` members of one kind in a row, the first of them `element`; `steps` tells which slots change, and how."""

    element: Recipe
    count: int
    steps: Mapping[Path, tuple[str, int]]
    name: str | None
    first_number: int | None


@dataclass(frozen=True, eq=False, slots=True)
class Chain:
    """`nn.Sequential(…)`; named members need an `OrderedDict`."""

    runs: tuple[Run, ...]
    named: bool


Recipe: TypeAlias = "Make | Chain"


@dataclass(frozen=True, eq=False, slots=True)
class Slot:
    """A literal: its value, what the argument is called, and the call that it belongs to."""

    value: Any
    argument: str
    make: Make | None = None


# ---- literals --------------------------------------------------------------------------------


def literal(value: Any) -> str:
    """A value as Python writes it.

    Raises:
        TypeError: it is nothing that a constructor takes.
    """
    match value:
        case str():
            return json.dumps(value)
        case None | bool() | int():
            return repr(value)
        case float() if math.isinf(value):
            return f'float("{value}")'
        case float() if not math.isnan(value):
            return repr(value)
        case tuple():
            members = ", ".join(map(literal, value))
            return f"({members},)" if len(value) == 1 else f"({members})"
    raise TypeError(f"{value!r} cannot be written into the source")


# ---- slots and skeletons ---------------------------------------------------------------------


def slots(recipe: Recipe, path: Path = ()) -> Iterator[tuple[Path, Slot]]:
    """All literals of a recipe."""
    if isinstance(recipe, Make):
        for name, value in recipe.arguments.items():
            yield (*path, name), Slot(value, name, recipe)
        return
    for place, run in enumerate(recipe.runs):
        here = (*path, str(place))
        yield (*here, COUNT), Slot(run.count, "depth")
        for inner, slot in slots(run.element):
            if inner not in run.steps:
                yield (*here, *inner), slot
                continue
            yield (*here, *inner, START), slot
            yield (*here, *inner, STEP), Slot(run.steps[inner][1], f"{slot.argument}_step")


def skeleton(recipe: Recipe) -> object:
    """What two recipes have in common when they differ in their slots alone."""
    if isinstance(recipe, Make):
        unknown = [name for name in list(recipe.arguments)[recipe.positional :] if not _may_be_left_out(recipe, name)]
        return (recipe.callee, recipe.positional, tuple(sorted(unknown)))
    runs = tuple(
        (run.name, run.first_number, skeleton(run.element), tuple((path, sign) for path, (sign, _) in run.steps.items()))
        for run in recipe.runs
    )
    return (recipe.named, runs)


def _may_be_left_out(make: Make, name: str) -> bool:
    return name in make.signature.defaults


def argument_names(paths: Iterable[Path]) -> dict[Path, list[str]]:
    """The arguments of every call, by the call's path, from the paths of slots."""
    names: dict[Path, list[str]] = {}
    for path in paths:
        plain = path[:-1] if path[-1] in (START, STEP) else path
        known = names.setdefault(plain[:-1], [])
        if plain[-1] != COUNT and plain[-1] not in known:
            known.append(plain[-1])
    return names


def widened(recipe: Recipe, names: Mapping[Path, list[str]], path: Path = ()) -> Recipe:
    """The recipe with all arguments that any use of its class writes, those it lacks itself with the value None."""
    if isinstance(recipe, Make):
        lacking = [name for name in names.get(path, ()) if name not in recipe.arguments]
        if not lacking:
            return recipe
        own = list(recipe.arguments)
        order = [name for name in recipe.signature.names if name in own[recipe.positional :] or name in lacking]
        every = dict.fromkeys([*own[: recipe.positional], *order, *own])
        return replace(recipe, arguments={name: recipe.arguments.get(name) for name in every})
    runs = tuple(
        replace(run, element=widened(run.element, names, (*path, str(place)))) for place, run in enumerate(recipe.runs)
    )
    return replace(recipe, runs=runs)


# ---- repetitions -----------------------------------------------------------------------------


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
        stem, number = _numbered(name) if name is not None and length > 1 else (name, None)
        runs.append(Run(recipe, length, steps, stem, number))
        place += length
    return Chain(tuple(runs), any(name is not None for name, _ in members))


def _longest_run(
    members: Sequence[tuple[str | None, Recipe]], forms: Sequence[object], place: int
) -> tuple[int, Mapping[Path, tuple[str, int]]]:
    """How many members from a place on are alike, or change step by step (at least three of them)."""
    length, steps = max((_run_by(sign, members, forms, place) for sign in "+*"), key=lambda run: run[0])
    return (1, {}) if steps and length < 3 else (length, steps)


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


def _follows(first: str | None, other: str | None, distance: int) -> bool:
    if first is None or other is None:
        return first is other
    stem, number = _numbered(first)
    return number is not None and f"{stem}{number + distance}" == other


def _numbered(name: str) -> tuple[str, int | None]:
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    plain = digits and (digits == "0" or not digits.startswith("0"))
    return (stem, int(digits)) if plain else (name, None)


def _steps(first: Mapping[Path, Slot], second: Mapping[Path, Slot], sign: str) -> Mapping[Path, tuple[str, int]] | None:
    """By what each slot changes from the first member to the second; None where that is no sum or product."""
    if first.keys() != second.keys():
        return None
    steps: dict[Path, tuple[str, int]] = {}
    for path, slot in first.items():
        one, two = slot.value, second[path].value
        if one == two and type(one) is type(two):
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


def at(start: int, step: tuple[str, int], turn: int) -> int:
    """The value of a changing slot in a turn."""
    sign, number = step
    return start + number * turn if sign == "+" else start * number**turn


# ---- text ------------------------------------------------------------------------------------


def express(recipe: Recipe, text: Callable[[Path], str], path: Path = ()) -> str:
    """The expression that makes a submodule, on one line.

    Args:
        recipe: how it is made.
        text: what is written into a slot.
        path: what the slots' paths begin with.
    """
    if isinstance(recipe, Make):
        return f"{recipe.callee}({', '.join(arguments_text(recipe, text, path))})"
    parts = [_express_run(run, text, (*path, str(place)), recipe.named) for place, run in enumerate(recipe.runs)]
    if not recipe.named:
        return f"nn.Sequential({', '.join(parts)})"
    if len(parts) == 1 and parts[0].startswith("*("):
        return f"nn.Sequential(OrderedDict({parts[0][1:]}))"
    return f"nn.Sequential(OrderedDict([{', '.join(parts)}]))"


def arguments_text(make: Make, text: Callable[[Path], str], path: Path) -> list[str]:
    """The arguments of a call, without those that are defaults."""
    written: list[str] = []
    for place, name in enumerate(make.arguments):
        expression = text((*path, name))
        if place < make.positional:
            written.append(expression)
        elif expression != _default_text(make, name, text, path):
            written.append(f"{name}={expression}")
    return written


def _default_text(make: Make, name: str, text: Callable[[Path], str], path: Path) -> str | None:
    if name not in make.signature.defaults:
        return None
    default = make.signature.defaults[name]
    return text((*path, default.argument)) if isinstance(default, SameAs) else literal(default)


def _express_run(run: Run, text: Callable[[Path], str], path: Path, named: bool) -> str:
    count = text((*path, COUNT))
    if count == "1":
        element = express(run.element, text, path)
        return f'("{run.name}", {element})' if named else element

    def inside(inner: Path) -> str:
        step = run.steps.get(inner[len(path) :])
        if step is None:
            return text(inner)
        return _progression(text((*inner, START)), step[0], text((*inner, STEP)))

    element = express(run.element, inside, path)
    if named:
        element = f"({_name_pattern(run)}, {element})"
    variable = "i" if run.steps or named else "_"
    return f"*({element} for {variable} in range({count}))"


def _name_pattern(run: Run) -> str:
    number = "i" if not run.first_number else f"i + {run.first_number}"
    return f'f"{run.name}{{{number}}}"'


def _progression(start: str, sign: str, step: str) -> str:
    if sign == "*":
        power = f"{step}**i" if step.isalnum() else f"({step}) ** i"
        return power if start == "1" else f"{_factor(start)} * {power}"
    product = "i" if step == "1" else f"{_factor(step)} * i"
    if step.startswith("-") and step[1:].isdigit():
        return f"{start} - {'i' if step == '-1' else f'{step[1:]} * i'}"
    return product if start == "0" else f"{start} + {product}"


def _factor(text: str) -> str:
    return f"({text})" if " + " in text or " - " in text or " // " in text else text
