"""How a submodule is made, as data: a call, or an `nn.Sequential` of calls with its repetitions found.

A recipe has slots, the places of its literals, each under a path. Uses of a block whose recipes differ in their slots
alone share a class; what its constructor writes into the slots is decided elsewhere (`parameters.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from netdsl.targets.pytorch.signatures import SameAs, Signature

Path: TypeAlias = tuple[str, ...]
COUNT, START, STEP = "*count", "*start", "*step"


@dataclass(frozen=True, eq=False, slots=True)
class Make:
    """`nn.Conv2d(3, 96, kernel_size=11, stride=4)`: the first `positional` arguments are written by place.

    `before` and `after` are what is written around the call; with `is_parameter` all of it makes an `nn.Parameter`.
    """

    callee: str
    arguments: Mapping[str, Any]
    positional: int
    signature: Signature
    before: str = ""
    after: str = ""
    is_parameter: bool = False

    def default(self, name: str) -> Any:
        """What an argument is where it is not written; KeyError where that is not known."""
        value = self.signature.defaults[name]
        return self.arguments[value.argument] if isinstance(value, SameAs) else value


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """`count` members of one kind in a row, the first of them `element`.

    `steps` tells which slots change, and how: `+` by a sum, `*` by a product, `+/170` by a sum of 170ths, and
    `*%10` by a product that begins again with every tenth.
    """

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


def callees(recipe: Recipe) -> Iterator[str]:
    """The classes that a recipe makes instances of."""
    if isinstance(recipe, Make):
        yield recipe.callee
        return
    for run in recipe.runs:
        yield from callees(run.element)


# ---- slots and skeletons ---------------------------------------------------------------------


def slots(recipe: Recipe, path: Path = ()) -> Iterator[tuple[Path, Slot]]:
    """All literals of a recipe."""
    if isinstance(recipe, Make):
        for name, value in recipe.arguments.items():
            yield (*path, name), Slot(value, name, recipe)
        return
    for place, run in enumerate(recipe.runs):
        here = (*path, str(place))
        for inner, slot in slots(run.element):
            if inner not in run.steps:
                yield (*here, *inner), slot
                continue
            sign, step = run.steps[inner]
            part = part_of(sign)
            start = slot if part is None else replace(slot, value=numerator(slot.value, part), make=None)
            yield (*here, *inner, START), start
            yield (*here, *inner, STEP), Slot(step, f"{slot.argument}_step")
        yield (*here, COUNT), Slot(run.count, "depth")


def part_of(sign: str) -> int | None:
    """What a changing slot's numbers are divided by: 170 for `+/170`; None where they are whole."""
    return int(sign.partition("/")[2]) if "/" in sign else None


def numerator(value: float, part: int) -> int:
    """Which multiple of 1/170 a number is, if it is one."""
    return round(value * part)


def skeleton(recipe: Recipe) -> object:
    """What two recipes have in common when they differ in their slots alone."""
    if isinstance(recipe, Make):
        unknown = [name for name in list(recipe.arguments)[recipe.positional :] if not _may_be_left_out(recipe, name)]
        return (recipe.callee, recipe.positional, tuple(sorted(unknown)), recipe.before, recipe.after)
    runs = tuple(
        (
            run.name,
            run.first_number,
            skeleton(run.element),
            tuple((path, sign) for path, (sign, _) in run.steps.items()),
        )
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
