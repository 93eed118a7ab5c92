"""The draft of a class as data: its attributes with their recipes, and the steps of `forward`, all in literals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from netdsl.targets.pytorch.chains import Pending
from netdsl.targets.pytorch.recipes import Make, Path
from netdsl.targets.pytorch.units import Unit

_NUMBER = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?(?![\w.])")

PAD = "F.pad"
"""The function whose numbers are written, or kept, as they are: a module for it would say less."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A submodule: of `self`, or of a shared body that is an argument of `forward`."""

    root: str | None
    path: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Calls:
    """`self.conv1(x)`; `modules` are shared bodies that it is given."""

    target: Reference
    modules: tuple[Reference, ...] = ()
    label: str | None = None

    def form(self) -> object:
        return (self.target, self.modules)


@dataclass(frozen=True, eq=False, slots=True)
class Applies:
    """`F.max_pool2d(x, 3, stride=2)`: a function with the arguments of a class; `key` is free as an attribute."""

    key: str
    function: str
    make: Make

    def form(self) -> object:
        return (self.key, self.function, self.make.callee)


@dataclass(frozen=True, eq=False, slots=True)
class Formula:
    """`{0} + {1}`, or `{0}[:, :, <0>:-<1>]` with the numbers 4 and 4.

    Attributes:
        key: free as an attribute.
        template: the expression, with places for its operands and for its numbers.
        word: what the operation is called.
        collection: the name of the list that the operands come from, in the singular.
        list_operand: the place of an operand that is a list of tensors itself.
    """

    key: str
    template: str
    numbers: tuple[int | float, ...] = ()
    word: str = ""
    collection: str | None = None
    list_operand: int | None = None

    def form(self) -> object:
        return (self.template, self.list_operand)


@dataclass(frozen=True, eq=False, slots=True)
class Repeats:
    """A loop over `self.layer1`, `self.layer2` and so on, each of which takes what the one before left.

    Attributes:
        key: the attribute that stands for all of them.
        span: the first and the last but one of them, in a class that is a list of modules; None where that is all.
        word: what the second result of each is called; the loop gathers them in a list, its own second result.
    """

    key: str
    word: str | None
    span: tuple[int, int] | None = None

    def form(self) -> object:
        return (self.key, self.word, self.span)


def formula(key: str, template: str, word: str, collection: str | None) -> Formula:
    """An expression with its numbers taken out."""
    numbers: list[int | float] = []

    def place(found: re.Match[str]) -> str:
        numbers.append(float(found[0]) if set(".e") & set(found[0]) else int(found[0]))
        return f"<{len(numbers) - 1}>"

    parts = re.split(r"(\{\w*\})", template)
    taken_out = "".join(part if part.startswith("{") else _NUMBER.sub(place, part) for part in parts)
    return Formula(key, taken_out, tuple(numbers), word, collection)


@dataclass(frozen=True, eq=False, slots=True)
class Learned:
    """`self.token.expand(x.shape[0], -1, -1)`: a parameter with `axes` axes behind the batch, which is an input's."""

    target: Reference
    axes: int

    def form(self) -> object:
        return (self.target, self.axes)


Action: TypeAlias = "Calls | Applies | Formula | Learned | Repeats"


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """One statement of `forward`; values are numbered in the order in which they appear."""

    outputs: tuple[int, ...]
    inputs: tuple[int, ...]
    action: Action
    shape: str | None
    training_only: bool = False
    gate: Gate | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """A merge that only some uses have: the attribute that tells, and the operand that stands in the others."""

    attribute: str
    operand: int


@dataclass(eq=False, slots=True)
class Hint:
    """What a value may be called after: its own name, a block's parameter, a block that leaves it."""

    name: str | None = None
    argument: str | None = None
    block: str | None = None


@dataclass(eq=False, slots=True)
class Draft:
    """A class in literals.

    Attributes:
        unit: what it is the class of; None for a mere holder of submodules.
        attributes: its submodules, in order.
        members: the members of an `nn.Sequential` that has a name, instead of all that follows.
        modules: the shared bodies that `forward` is given.
        training_outputs: what it returns in training besides.
    """

    unit: Unit | None
    attributes: dict[str, Pending] = field(default_factory=dict)
    members: Pending | None = None
    steps: list[Step] = field(default_factory=list)
    inputs: tuple[int, ...] = ()
    modules: tuple[str, ...] = ()
    outputs: tuple[int, ...] = ()
    training_outputs: tuple[int, ...] = ()
    hints: dict[int, Hint] = field(default_factory=dict)


def canonical(draft: Draft) -> Draft:
    """The draft without steps that nothing needs, its values numbered in the order in which they appear."""
    live = {*draft.outputs, *draft.training_outputs}
    steps: list[Step] = []
    for step in reversed(draft.steps):
        if live.intersection(step.outputs):
            live.update(step.inputs)
            steps.append(step)
    numbers: dict[int, int] = {}
    conditional = bool(draft.training_outputs)

    def number(values: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(numbers.setdefault(value, len(numbers)) for value in values)

    draft.inputs = number(draft.inputs)
    draft.steps = [
        replace(
            step,
            outputs=number(step.outputs),
            inputs=number(step.inputs),
            training_only=step.training_only and conditional,
        )
        for step in reversed(steps)
    ]
    draft.outputs, draft.training_outputs = number(draft.outputs), number(draft.training_outputs)
    draft.hints = {numbers[value]: hint for value, hint in draft.hints.items() if value in numbers}
    return draft


def numbers_of(action: Action) -> list[tuple[Path, str]]:
    """The slots of what `forward` writes as numbers, each with a word for it."""
    match action:
        case Formula(key=key, numbers=numbers, word=word):
            return [((key, str(place)), word) for place in range(len(numbers))]
        case Applies(key=key, make=make) if action.function == PAD:
            return [((key, name), name) for name in make.arguments]
    return []
