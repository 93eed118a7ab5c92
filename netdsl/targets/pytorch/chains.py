"""Which units are an `nn.Sequential`, which a class, and which are written out where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from netdsl.graph.model import Layer
from netdsl.ops.lowering import TorchExpression, TorchModule, TorchParameter
from netdsl.targets.pytorch.layers import layer_make, pad_make
from netdsl.targets.pytorch.naming import fits_container
from netdsl.targets.pytorch.recipes import Make
from netdsl.targets.pytorch.units import IDENTITY, Item, Node, Unit, Units

DEEPEST = 6
"""How deep `nn.Sequential` may be nested in one expression; Python itself allows 200 brackets."""


@dataclass(frozen=True, eq=False, slots=True)
class Use:
    """An instance of the class that stands under a path."""

    path: str


@dataclass(frozen=True, eq=False, slots=True)
class Members:
    """The members of an `nn.Sequential`; a name is None where it is the member's number."""

    members: tuple[tuple[str | None, Pending], ...]


Pending: TypeAlias = "Make | Members | Use"


class Chains:
    """Decides for every unit once."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self._found: dict[int, tuple[tuple[str, Pending], ...] | None] = {}
        self._heights: dict[int, int] = {}
        self._states: dict[str, bool] = {}

    def entry(self, entry: Layer | Node) -> Pending:
        """What an attribute is made by."""
        if isinstance(entry, Layer):
            torch = self.units.lowered(entry)
            assert not isinstance(torch, TorchExpression), "only modules and parameters are kept as attributes"
            return layer_make(torch)
        if entry.path in self.units.containers or not entry.units:
            return Use(entry.path)
        return self._unit(entry.units[0])

    def has_state(self, node: Node) -> bool:
        """Whether anything under a path is kept: weights, or layers with a mode."""
        if node.path not in self._states:
            self._states[node.path] = any(
                isinstance(entry, Layer) or self.has_state(entry) for entry in node.entries.values()
            )
        return self._states[node.path]

    def is_open(self, unit: Unit) -> bool:
        """Whether a unit's layers are written out in the class around it."""
        if unit.path in self.units.containers:
            return True
        return unit.module.kind == "group" and not self.has_state(self.units.nodes[unit.path])

    def class_members(self, unit: Unit) -> Members | None:
        """The members of a class that is an `nn.Sequential` with a name; None for all others."""
        found = self._members(unit)
        if not found:
            return None
        if unit.module.kind == "group":
            return Members(found) if _is_row(found) else None
        return _numbered(found) if _are_numbers(found) else None

    def _unit(self, unit: Unit) -> Pending:
        """A plain chain where it stands; all else is a class, chains whose members have names of their own too."""
        found = self._members(unit) if unit.module.kind == "group" else None
        if not found or self._height(unit) > DEEPEST or not all(map(_is_number, unit.items)):
            return Use(unit.path)
        return _numbered(found) if _are_numbers(found) else Members(found)

    def _height(self, unit: Unit) -> int:
        """How deep chains are nested in a unit; beyond `DEEPEST` it is a class, in which counting starts again."""
        if unit.module.kind != "group" or not self._members(unit):
            return 0
        if id(unit) not in self._heights:
            heights = [self._height(item) for item in unit.items if isinstance(item, Unit)]
            self._heights[id(unit)] = 1 + max((height for height in heights if height <= DEEPEST), default=0)
        return self._heights[id(unit)]

    # ---- is it a chain? ----------------------------------------------------------------------

    def _members(self, unit: Unit) -> tuple[tuple[str, Pending], ...] | None:
        if id(unit) not in self._found:
            self._found[id(unit)] = self._find_members(unit)
        return self._found[id(unit)]

    def _find_members(self, unit: Unit) -> tuple[tuple[str, Pending], ...] | None:
        if unit.path in self.units.containers or unit.shared:
            return None
        if len(unit.inputs) != 1 or len(unit.outputs) != 1 or not unit.items:
            return None
        members: list[tuple[str, Pending]] = []
        flowing = unit.inputs[0]
        for item in unit.items:
            found = self._item(item) if item.inputs == (flowing,) and len(item.outputs) == 1 else None
            if found is None:
                return None
            members.extend(found)
            flowing = item.outputs[0]
        while len(members) > 1 and members[-1][0].isdigit() and _does_nothing(members[-1][1]):
            members.pop()
        names = [name for name, _ in members]
        kept = {
            name for name, entry in self._entries(unit).items() if isinstance(entry, Layer) or self.has_state(entry)
        }
        if flowing is not unit.outputs[0] or len(set(names)) < len(names) or not kept <= set(names):
            return None
        return tuple(members) if all(map(fits_container, names)) else None

    def _entries(self, unit: Unit) -> dict[str, Layer | Node]:
        return self.units.nodes[unit.path].entries

    def _item(self, item: Item) -> list[tuple[str, Pending]] | None:
        """A member, and before it what prepares its input; None if no module does the same."""
        if isinstance(item, Unit):
            return None if item.shared or item.path in self.units.containers else [(item.name, self._unit(item))]
        torch = self.units.lowered(item)
        name = item.local_name
        if item.shares_weights or isinstance(torch, TorchParameter):
            return None
        if isinstance(torch, TorchExpression):
            return [(name, layer_make(TorchModule(IDENTITY)))] if torch.template == "{0}" else None
        before: list[tuple[str, Pending]] = []
        if torch.flatten:
            before.append(
                (f"flatten{name}" if name.isdigit() else f"{name}_flatten", layer_make(TorchModule("nn.Flatten")))
            )
        if torch.padding:
            before.append((f"pad{name}" if name.isdigit() else f"{name}_pad", pad_make(torch)))
        return [*before, (name, layer_make(torch))]


def _does_nothing(pending: Pending) -> bool:
    return isinstance(pending, Make) and pending.callee == IDENTITY


def _is_number(item: Item) -> bool:
    return (item.name if isinstance(item, Unit) else item.local_name).isdigit()


def _are_numbers(members: tuple[tuple[str, Pending], ...]) -> bool:
    return [name for name, _ in members] == [str(number) for number in range(len(members))]


def _is_row(members: tuple[tuple[str, Pending], ...]) -> bool:
    """Whether the members are called `layer1`, `layer2` and so on."""
    stem = members[0][0].rstrip("0123456789")
    start = members[0][0][len(stem) :]
    if not stem or not start or (start != "0" and start.startswith("0")):
        return False
    return [name for name, _ in members] == [f"{stem}{int(start) + place}" for place in range(len(members))]


def _numbered(found: tuple[tuple[str, Pending], ...]) -> Members:
    return Members(tuple((None, pending) for _, pending in found))
