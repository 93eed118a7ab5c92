"""What differs between a block's uses to the parameters of its class, and to what the constructor writes instead.

A slot that differs becomes the block's own parameter where their values agree in all uses, also times or divided by a
number; else a parameter with the name of PyTorch's argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from netdsl.graph.model import Module
from netdsl.ops.lowering import one_or_all
from netdsl.syntax import ast
from netdsl.targets.pytorch.naming import unique, variable_name
from netdsl.targets.pytorch.recipes import Path, Slot, literal


class Absent:
    """The value of a slot in a use that has no such part, and of a default that is none."""


ABSENT: Final = Absent()
LARGEST_DIVISOR = 64
LARGEST_OFFSET = 4


@dataclass(frozen=True, eq=False, slots=True)
class Term:
    """What is written into a slot, with its value in every use."""

    text: str
    values: tuple[Any, ...]
    varies: bool


@dataclass(eq=False, slots=True)
class Parameter:
    """A parameter of a class, with its value in every use."""

    name: str
    values: tuple[Any, ...]
    default: Any = ABSENT
    used: bool = False

    @property
    def annotation(self) -> str:
        """Its type, as PyTorch's stubs have it."""
        return " | ".join(dict.fromkeys(map(_annotation, self.values)))


@dataclass(eq=False)
class Parameters:
    """Derives the parameters of one class.

    Attributes:
        declared: the block's own, in its order.
        derived: those with the names of PyTorch's arguments.
        flags: those that tell whether a part is there.
    """

    declared: list[Parameter]
    derived: list[Parameter] = field(default_factory=list)
    flags: list[Parameter] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    @property
    def required(self) -> list[Parameter]:
        """The used ones without a default, in the order of the signature."""
        return [parameter for parameter in self._used() if parameter.default is ABSENT]

    @property
    def optional(self) -> list[Parameter]:
        """The used ones with a default."""
        return [parameter for parameter in self._used() if parameter.default is not ABSENT]

    def _used(self) -> list[Parameter]:
        return [parameter for parameter in (*self.derived, *self.declared, *self.flags) if parameter.used]

    def term(self, path: Path, slot: Slot, values: Sequence[Any]) -> Term:
        """What to write into a slot that has these values."""
        present = [value for value in values if value is not ABSENT]
        if all(_same(value, present[0]) for value in present):
            named = self._named_alike(slot.argument, values) if len(present) < len(values) else None
            return named or Term(literal(present[0]), (present[0],) * len(values), varies=False)
        return self._known(values) or self._new(path, slot, values)

    def flag(self, name: str, values: tuple[bool, ...]) -> Term:
        """A new parameter that tells whether a part is there."""
        parameter = Parameter(unique(variable_name(name), self.taken), values, False, used=True)
        self.flags.append(parameter)
        return Term(parameter.name, values, varies=True)

    # ---- what is known already ---------------------------------------------------------------

    def _known(self, values: Sequence[Any]) -> Term | None:
        for candidates in (self.declared, self.derived):
            for parameter in candidates:
                if _agree(values, parameter.values):
                    parameter.used = True
                    return Term(parameter.name, parameter.values, varies=True)
        for parameter in (*self.declared, *self.derived):
            for text, function in _forms(parameter, values):
                parameter.used = True
                return Term(text, tuple(map(function, parameter.values)), varies=True)
        return self._by_axis(values)

    def _named_alike(self, argument: str, values: Sequence[Any]) -> Term | None:
        """The block's parameter that has an argument's name, for a part that only some uses have."""
        for parameter in self.declared:
            if parameter.name == argument and parameter.used and _agree(values, parameter.values):
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
            constant = all(_same(value, present[0]) for value in present)
            known = Term(literal(present[0]), (present[0],) * len(column), False) if constant else self._known(column)
            if known is None:
                return None
            terms.append(known)
        text = ", ".join(term.text for term in terms)
        return Term(f"({text})", tuple(zip(*(term.values for term in terms), strict=True)), varies=True)

    def _new(self, path: Path, slot: Slot, values: Sequence[Any]) -> Term:
        name = variable_name(slot.argument)
        if name in self.taken:
            name = variable_name(f"{path[0]}_{slot.argument}")
        filler = next(value for value in values if value is not ABSENT)
        filled = tuple(filler if value is ABSENT else value for value in values)
        parameter = Parameter(unique(name, self.taken), filled, used=True)
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
        values = tuple(_plain(module.arguments.get(word)) for module in modules if module is not None)
        if ABSENT in values or all(_same(value, values[0]) for value in values):
            continue
        default = _plain_default(parameter.default)
        given = default if any(_same(value, default) for value in values) else ABSENT
        declared.append(Parameter(unique(variable_name(word), taken), values, given))
    return Parameters(declared, taken=taken)


# ---- values ----------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """A value of the language as PyTorch's arguments have it, `ABSENT` for tensors, blocks and the like."""
    match value:
        case bool() | int():
            return value
        case Fraction():
            return int(value) if value.denominator == 1 else float(value)
        case tuple() if value and all(type(member) is int for member in value):
            return one_or_all(value)
    return ABSENT


def _plain_default(expression: ast.Expression | None) -> Any:
    match expression:
        case ast.Number(value=value) | ast.Boolean(value=value):
            return _plain(value)
        case ast.Size(parts=parts):
            return _plain(parts)
    return ABSENT


def _same(one: Any, two: Any) -> bool:
    return type(one) is type(two) and bool(one == two)


def _agree(values: Sequence[Any], others: Sequence[Any]) -> bool:
    return all(value is ABSENT or _same(value, other) for value, other in zip(values, others, strict=True))


def _annotation(value: Any) -> str:
    if isinstance(value, tuple):
        return f"tuple[{', '.join(_annotation(member) for member in value)}]"
    return type(value).__name__


# ---- forms -----------------------------------------------------------------------------------


def _forms(parameter: Parameter, values: Sequence[Any]) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Simple expressions in a parameter that have the values: a multiple, a fraction, a small step away."""
    pairs = [(value, own) for value, own in zip(values, parameter.values, strict=True) if value is not ABSENT]
    if not all(type(value) is int and type(own) is int for value, own in pairs):
        return
    value, own = max(pairs)
    name = parameter.name
    if own > 0 and value % own == 0 and all(one == two * (value // own) for one, two in pairs):
        factor = value // own
        yield f"{factor} * {name}", lambda number: number * factor
    for divisor in range(2, LARGEST_DIVISOR + 1):
        if all(one == two // divisor for one, two in pairs):
            yield f"{name} // {divisor}", lambda number, by=divisor: number // by
    offset = value - own
    if 0 < abs(offset) <= LARGEST_OFFSET and all(one == two + offset for one, two in pairs):
        yield f"{name} {'+' if offset > 0 else '-'} {abs(offset)}", lambda number: number + offset


def presence(
    terms: Mapping[Path, Term], slots: Mapping[Path, Slot], attribute: str, there: tuple[bool, ...], known: Parameters
) -> str:
    """The condition under which a class has a part: where it changes the channels or steps, or else a flag."""
    own = [(slots[path].argument, term) for path, term in terms.items() if path[0] == attribute]
    incoming = [term for argument, term in own if argument in ("in_channels", "in_features", "num_features")]
    outgoing = [term for argument, term in own if argument in ("out_channels", "out_features", "num_features")]
    conditions: list[tuple[str, tuple[bool, ...]]] = []
    if incoming and outgoing and incoming[0].text != outgoing[-1].text:
        one, two = incoming[0], outgoing[-1]
        differs = tuple(a != b for a, b in zip(one.values, two.values, strict=True))
        conditions.append((f"{one.text} != {two.text}", differs))
    for parameter in known.declared:
        if parameter.used and parameter.default is not ABSENT and type(parameter.default) is int:
            changed = tuple(not _same(value, parameter.default) for value in parameter.values)
            conditions.append((f"{parameter.name} != {literal(parameter.default)}", changed))
    for text, truth in conditions:
        if truth == there:
            return text
    if len(conditions) > 1:
        texts, truths = zip(*reversed(conditions), strict=True)
        if tuple(map(any, zip(*truths, strict=True))) == there:
            return " or ".join(texts)
    return known.flag(attribute, there).text
