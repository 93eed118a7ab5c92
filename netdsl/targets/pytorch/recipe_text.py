"""Recipes to expressions, on one line each (`layout.py` breaks them)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from netdsl.targets.pytorch.recipes import COUNT, START, STEP, Make, Path, Recipe, Run, part_of
from netdsl.targets.pytorch.signatures import SameAs


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


def express(recipe: Recipe, text: Callable[[Path], str], path: Path = ()) -> str:
    """The expression that makes a submodule, on one line.

    Args:
        recipe: how it is made.
        text: what is written into a slot.
        path: what the slots' paths begin with.
    """
    if isinstance(recipe, Make):
        call = f"{recipe.callee}({', '.join(arguments_text(recipe, text, path))})"
        return f"{recipe.before}{call}{recipe.after}"
    parts = [_express_run(run, text, (*path, str(place)), recipe.named) for place, run in enumerate(recipe.runs)]
    if not recipe.named:
        return f"nn.Sequential({', '.join(parts)})"
    if len(parts) == 1 and parts[0].startswith("*("):
        return f"nn.Sequential(OrderedDict{parts[0][1:]})"
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
    element = in_turn(run, text, path)
    if named:
        element = f"({name_in_turn(run)}, {element})"
    variable = "i" if run.steps or named else "_"
    return f"*({element} for {variable} in range({count}))"


def in_turn(run: Run, text: Callable[[Path], str], path: Path) -> str:
    """The expression that makes a run's member of turn `i`; arguments are those of `express`."""

    def inside(inner: Path) -> str:
        step = run.steps.get(inner[len(path) :])
        if step is None:
            return text(inner)
        return _progression(text((*inner, START)), step[0], text((*inner, STEP)))

    return express(run.element, inside, path)


def name_in_turn(run: Run) -> str:
    """What a run's member of turn `i` is called, as an f-string."""
    number = "i" if not run.first_number else f"i + {run.first_number}"
    return f'f"{run.name}{{{number}}}"'


def _progression(start: str, sign: str, step: str) -> str:
    part = part_of(sign)
    if part is not None:
        whole = _progression(start, "+", step)
        return f"{_factor(whole)} / {part}"
    kind, _, period = sign.partition("%")
    turn = f"(i % {period})" if period else "i"
    if kind == "*":
        power = f"{step}**{turn}" if step.isalnum() and not period else f"{_factor(step)} ** {turn}"
        return power if start == "1" else f"{_factor(start)} * {power}"
    product = turn if step == "1" else f"{_factor(step)} * {turn}"
    if step.startswith("-") and step[1:].isdigit():
        return f"{start} - {turn if step == '-1' else f'{step[1:]} * {turn}'}"
    return product if start == "0" else f"{start} + {product}"


def _factor(text: str) -> str:
    return f"({text})" if " + " in text or " - " in text or " // " in text else text
