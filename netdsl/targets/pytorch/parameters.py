"""What differs between a block's uses to the parameters of its class, and to what the constructor writes instead.

A slot that differs becomes the block's own parameter where their values agree in all uses, also times or divided by a
number; else a parameter with the name of PyTorch's argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from netdsl.graph.model import Module
from netdsl.targets.pytorch.naming import unique, variable_name
from netdsl.targets.pytorch.recipe_text import literal
from netdsl.targets.pytorch.recipes import Path, Slot
from netdsl.targets.pytorch.values import (
    ABSENT,
    CHANNELS,
    INCOMING,
    OUTGOING,
    Parameter,
    Term,
    agree,
    forms,
    plain,
    plain_default,
    same,
)


@dataclass(eq=False)
class Parameters:
    """Derives the parameters of one class.

    Attributes:
        declared: the block's own, in its order.
        derived: those with the names of PyTorch's arguments.
        flags: those that tell whether a part is there.
        incoming: the values of the slots for input channels, which lend their name to equal ones.
        made: the values of all slots but those for what comes in.
    """

    declared: list[Parameter]
    derived: list[Parameter] = field(default_factory=list)
    flags: list[Parameter] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    incoming: set[tuple[Any, ...]] = field(default_factory=set)
    made: set[tuple[Any, ...]] = field(default_factory=set)

    @property
    def required(self) -> list[Parameter]:
        """The used ones without a default, in the order of the signature."""
        return [parameter for parameter in self._used() if parameter.default is ABSENT]

    @property
    def optional(self) -> list[Parameter]:
        """The used ones with a default."""
        return [parameter for parameter in self._used() if parameter.default is not ABSENT]

    def _used(self) -> list[Parameter]:
        """What comes in first, as in PyTorch's own layers, then what the block itself declares."""
        incoming = [parameter for parameter in self.derived if parameter.name in (*INCOMING, *CHANNELS)]
        others = [parameter for parameter in self.derived if parameter not in incoming]
        return [parameter for parameter in (*incoming, *self.declared, *others, *self.flags) if parameter.used]

    def term(self, path: Path, slot: Slot, values: Sequence[Any]) -> Term:
        """What to write into a slot that has these values."""
        present = [value for value in values if value is not ABSENT]
        if all(same(value, present[0]) for value in present):
            named = self._named_alike(slot.argument, values) if len(present) < len(values) else None
            return named or Term(literal(present[0]), (present[0],) * len(values), varies=False)
        first = slot.argument in INCOMING and tuple(values) not in self.made
        return self._known(values, parts=not first) or self._new(path, slot, values)

    def shape(self, shapes: Sequence[str | None]) -> str | None:
        """A shape that differs between uses, with the parameters that its axes are; None where an axis is none.

        Args:
            shapes: as text, in every use.
        """
        axes = [shape.strip("()").replace(", ", "x").split("x") for shape in shapes if shape is not None]
        if len(axes) < len(shapes) or len({len(each) for each in axes}) > 1:
            return None
        words = [self._axis(column) for column in zip(*axes, strict=True)]
        known = [word for word in words if word is not None]
        text = ", ".join(known)
        return None if len(known) < len(words) else text if len(words) == 1 else f"({text})"

    def _axis(self, sizes: Sequence[str]) -> str | None:
        if len(set(sizes)) == 1:
            return sizes[0]
        for parameter in self.declared:
            if parameter.used and sizes == tuple(map(str, parameter.values)):
                return parameter.name
        return None

    def flag(self, name: str, values: tuple[bool, ...]) -> Term:
        """A new parameter that tells whether a part is there."""
        parameter = Parameter(unique(variable_name(name), self.taken), values, False, used=True)
        self.flags.append(parameter)
        return Term(parameter.name, values, varies=True)

    # ---- what is known already ---------------------------------------------------------------

    def _known(self, values: Sequence[Any], *, parts: bool = True) -> Term | None:
        """A parameter, or a simple expression in one.

        Args:
            values: what it has to be in every use.
            parts: whether it may be a part of a number. What comes in from outside is none but by coincidence.
        """
        for candidates in (self.declared, self.derived):
            for parameter in candidates:
                if agree(values, parameter.values):
                    parameter.used = True
                    return Term(parameter.name, parameter.values, varies=True)
        for parameter in (*self.declared, *self.derived):
            for text, function in forms(parameter, values):
                if not parts and "//" in text:
                    continue
                parameter.used = True
                return Term(text, tuple(map(function, parameter.values)), varies=True)
        return self._by_axis(values)

    def _named_alike(self, argument: str, values: Sequence[Any]) -> Term | None:
        """The block's parameter that has an argument's name, for a part that only some uses have."""
        for parameter in self.declared:
            if parameter.name == argument and parameter.used and agree(values, parameter.values):
                return Term(parameter.name, parameter.values, varies=True)
        return None

    def _by_axis(self, values: Sequence[Any]) -> Term | None:
        """A tuple, each member of which is known."""
        lengths = {len(value) if isinstance(value, tuple) else None for value in values if value is not ABSENT}
        if len(lengths) != 1 or None in lengths:
            return None
        (length,) = lengths
        assert length is not None, "all values are tuples"
        terms: list[Term] = []
        for place in range(length):
            column = [value if value is ABSENT else value[place] for value in values]
            present = [value for value in column if value is not ABSENT]
            constant = all(same(value, present[0]) for value in present)
            known = Term(literal(present[0]), (present[0],) * len(column), False) if constant else self._known(column)
            if known is None:
                return None
            terms.append(known)
        text = ", ".join(term.text for term in terms)
        return Term(f"({text})", tuple(zip(*(term.values for term in terms), strict=True)), varies=True)

    def _new(self, path: Path, slot: Slot, values: Sequence[Any]) -> Term:
        whole = all(type(value) is int for value in values if value is not ABSENT)
        argument = CHANNELS.get(slot.argument, slot.argument) if whole else slot.argument
        argument = "in_channels" if tuple(values) in self.incoming else argument
        name = variable_name(argument)
        if name in self.taken:
            name = f"{argument}_{path[0]}" if path[0].isdigit() else variable_name(f"{path[0]}_{argument}")
        filler = next(value for value in values if value is not ABSENT)
        filled = tuple(filler if value is ABSENT else value for value in values)
        default = slot.make.signature.defaults.get(slot.argument, ABSENT) if slot.make else ABSENT
        given = default if any(same(value, default) for value in filled) else ABSENT
        parameter = Parameter(unique(name, self.taken), filled, given, used=True)
        self.derived.append(parameter)
        return Term(parameter.name, filled, varies=True)


def declared_parameters(modules: Sequence[Module | None]) -> Parameters:
    """The block's own parameters, with their values in every use; those that are no plain values are left out."""
    first = modules[0]
    if first is None or first.definition is None or any(module is None for module in modules):
        return Parameters([])
    declared: list[Parameter] = []
    taken: set[str] = set()
    for parameter in first.definition.parameters:
        word = parameter.name.text
        values = tuple(plain(module.arguments.get(word)) for module in modules if module is not None)
        if ABSENT in values or all(same(value, values[0]) for value in values):
            continue
        default = plain_default(parameter.default)
        given = default if any(same(value, default) for value in values) else ABSENT
        declared.append(Parameter(unique(variable_name(word), taken), values, given))
    return Parameters(declared, taken=taken)


def condition(
    terms: Sequence[tuple[str, Term]], there: tuple[bool, ...], known: Parameters, name: str, *, changes: bool
) -> str:
    """When a class has a part: where the channels or the steps change (or where they do not), or else by a flag.

    A part that goes in steps of its own must be there wherever these are not 1, whatever the channels are: steps are
    asked for first, though the channels may be enough to tell the uses apart.

    Args:
        terms: what is written into the slots that decide, with the arguments' names.
        there: whether each use has the part.
        known: the parameters so far; a flag is added to them.
        name: what the flag is called.
        changes: whether the part is there where something changes, or where nothing does.
    """
    sign = "!=" if changes else "=="
    channels: list[tuple[str, tuple[bool, ...]]] = []
    incoming = [term for argument, term in terms if argument in INCOMING]
    outgoing = [term for argument, term in terms if argument in OUTGOING]
    if incoming and outgoing and incoming[0].text != outgoing[-1].text:
        one, two = incoming[0], outgoing[-1]
        differs = tuple((a != b) is changes for a, b in zip(one.values, two.values, strict=True))
        channels.append((f"{one.text} {sign} {two.text}", differs))
    numbers = {
        parameter.name: (
            f"{parameter.name} {sign} {literal(parameter.default)}",
            tuple(same(value, parameter.default) is not changes for value in parameter.values),
        )
        for parameter in known.declared
        if parameter.used and parameter.default is not ABSENT and type(parameter.default) is int
    }
    steps = [numbers[term.text] for argument, term in terms if argument == "stride" and term.text in numbers]
    alone = [[each] for each in (*channels, *numbers.values())]
    for chosen in ([*dict.fromkeys(steps), *channels], *alone, [*reversed(numbers.values()), *channels]):
        texts = [text for text, _ in chosen]
        truths = zip(*(truth for _, truth in chosen), strict=True)
        if tuple(map(any if changes else all, truths)) == there:
            return (" or " if changes else " and ").join(texts)
    return known.flag(name, there).text
