"""One unit to the draft of its class: attributes with their recipes, and the steps of `forward`, all in literals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from netdsl.graph.model import Graph, Layer, Tensor
from netdsl.ops.lowering import TorchExpression, TorchModule
from netdsl.targets.pytorch.chains import Chains, Pending, Use
from netdsl.targets.pytorch.layers import layer_make, pad_make
from netdsl.targets.pytorch.recipes import Make
from netdsl.targets.pytorch.units import FUNCTIONS, IDENTITY, Item, Node, Unit, Units, is_kept, owner_path

_LIST = re.compile(r"\w+\s*\(\s*([A-Za-z_]\w*)\s*\)\Z")


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
    """`{0} + {1}`; `collection` is the name of the list that the operands come from."""

    template: str
    collection: str | None = None

    def form(self) -> object:
        return self.template


Action: TypeAlias = "Calls | Applies | Formula"


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """One statement of `forward`; values are numbered in the order in which they appear."""

    outputs: tuple[int, ...]
    inputs: tuple[int, ...]
    action: Action
    shape: str | None
    training_only: bool = False


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


def draft_of(path: str, units: Units, chains: Chains, graph: Graph) -> Draft:
    """The draft of the class that stands under a path."""
    node = units.nodes[path]
    if path in units.containers or not node.units:
        return Draft(None, {name: chains.entry(entry) for name, entry in node.entries.items()})
    unit = node.units[0]
    members = chains.class_members(unit) if path else None
    if members is not None:
        return Draft(unit, members=members)
    return _Drafter(unit, units, chains).draft(graph)


class _Drafter:
    def __init__(self, unit: Unit, units: Units, chains: Chains) -> None:
        self.unit = unit
        self.units = units
        self.chains = chains
        self.steps: list[Step] = []
        self.values: dict[int, int] = {}
        self.count = 0
        self.attributes: dict[str, Pending] = {}
        self.hints: dict[int, Hint] = {}
        self.roots = _root_names(unit)

    def draft(self, graph: Graph) -> Draft:
        inputs = tuple(self._define(tensor) for tensor in self.unit.inputs)
        for item in self._items(self.unit):
            if isinstance(item, Unit):
                self._call(item)
            else:
                self._layer(item)
        for name, entry in self.units.nodes[self.unit.path].entries.items():
            if name not in self.attributes and (isinstance(entry, Layer) or self.chains.has_state(entry)):
                self.attributes[name] = self.chains.entry(entry)
        training = graph.training_outputs.values() if self.unit.module.kind == "net" else ()
        outputs = tuple(self._value(tensor) for tensor in self.unit.outputs)
        draft = Draft(
            self.unit,
            self.attributes,
            steps=self.steps,
            inputs=inputs,
            modules=tuple(self.roots.values()),
            outputs=outputs,
            training_outputs=tuple(self._value(tensor) for tensor in training),
            hints=self.hints,
        )
        self._name_arguments(inputs)
        if self.unit.module.kind == "net":
            names = (*graph.outputs, *graph.training_outputs)
            several = len(names) > 1
            for name, value in zip(names, (*draft.outputs, *draft.training_outputs), strict=True):
                hint = self.hints.setdefault(value, Hint())
                hint.name = hint.name or (name if several else None)
        return canonical(draft)

    # ---- what stands in it -------------------------------------------------------------------

    def _items(self, unit: Unit) -> Iterator[Item]:
        """The layers and units, with those units opened that are no submodule with a flow of its own."""
        for item in unit.items:
            if isinstance(item, Unit) and self.chains.is_open(item):
                yield from self._items(item)
            else:
                yield item

    def _define(self, tensor: Tensor) -> int:
        value = self.values[id(tensor)] = self._fresh()
        self.hints[value] = Hint(tensor.name, None, self.units.blocks.get(id(tensor)))
        return value

    def _fresh(self) -> int:
        self.count += 1
        return self.count - 1

    def _value(self, tensor: Tensor) -> int:
        return self.values[id(tensor)]

    def _name_arguments(self, inputs: tuple[int, ...]) -> None:
        """Inputs are called as the block's parameters are; the one that flows is `x`."""
        module = self.unit.module
        if module.kind == "net":
            return
        given = {id(value): name for name, value in module.arguments.items() if isinstance(value, Tensor)}
        flowing = {id(tensor) for tensor in module.inputs}
        for tensor, value in zip(self.unit.inputs, inputs, strict=True):
            name = given.get(id(tensor), "x" if id(tensor) in flowing else None)
            self.hints[value] = Hint(self.hints[value].name, name, None)

    # ---- units and layers --------------------------------------------------------------------

    def _call(self, unit: Unit) -> None:
        target = self._reference(unit.path)
        modules = tuple(self._reference(path) for path in unit.shared)
        inputs = tuple(self._value(tensor) for tensor in unit.inputs)
        outputs = tuple(self._define(tensor) for tensor in unit.outputs)
        label = None if unit.name.isdigit() else unit.name
        shape = str(unit.outputs[0].type) if len(outputs) == 1 else None
        self.steps.append(Step(outputs, inputs, Calls(target, modules, label), shape, unit.training_only))

    def _layer(self, layer: Layer) -> None:
        torch = self.units.lowered(layer)
        inputs = tuple(self._value(tensor) for tensor in layer.inputs)
        if isinstance(torch, TorchExpression):
            if torch.template == "{0}":
                self._alias(layer, inputs[0])
                return
            found = _LIST.match(layer.span.text)
            action: Action = Formula(torch.template, found.group(1) if found else None)
            self._add(layer, inputs, action)
        elif torch.name == IDENTITY:
            self._alias(layer, inputs[0])
        else:
            self._module(layer, torch, inputs)

    def _alias(self, layer: Layer, value: int) -> None:
        self.values[id(layer.outputs[0])] = value
        hint = self.hints[value]
        hint.name = hint.name or layer.outputs[0].name

    def _module(self, layer: Layer, torch: TorchModule, inputs: tuple[int, ...]) -> None:
        key = f"{owner_path(layer)[len(self.unit.path) :]}{layer.local_name}".replace(".", "_")
        if torch.flatten:
            flatten = Applies(f"{key}_flatten", "torch.flatten", layer_make(TorchModule("nn.Flatten")))
            inputs = (self._before(layer, inputs[0], flatten), *inputs[1:])
        if torch.padding:
            inputs = (self._before(layer, inputs[0], Applies(f"{key}_pad", "F.pad", pad_make(torch))), *inputs[1:])
        if not is_kept(torch):
            function = torch.function or FUNCTIONS[torch.name]
            self._add(layer, inputs, Applies(key, function, layer_make(torch)))
            return
        target = self._own(layer, torch, key) or self._reference(f"{owner_path(layer)}{layer.local_name}.")
        automatic = layer.local_name.rstrip("0123456789") in ("", layer.operation.word)
        self._add(layer, inputs, Calls(target, (), None if automatic else layer.local_name))

    def _own(self, layer: Layer, torch: TorchModule, key: str) -> Reference | None:
        """An attribute of this class alone, for a layer without weights that differs between uses of a shared body."""
        if not layer.shares_weights or layer.weights or owner_path(layer) not in self.units.containers:
            return None
        name = f"{key}_{layer.name.rpartition('#')[2]}"
        while name in self.units.nodes[self.unit.path].entries:
            name += "_"
        self.attributes[name] = layer_make(torch)
        return Reference(None, (name,))

    def _before(self, layer: Layer, value: int, action: Applies) -> int:
        """A step that prepares a layer's input."""
        result = self._fresh()
        self.steps.append(Step((result,), (value,), action, None, layer.training_only))
        return result

    def _add(self, layer: Layer, inputs: tuple[int, ...], action: Action) -> None:
        outputs = tuple(self._define(tensor) for tensor in layer.outputs)
        shape = str(layer.outputs[0].type) if len(outputs) == 1 else None
        self.steps.append(Step(outputs, inputs, action, shape, layer.training_only))

    def _reference(self, path: str) -> Reference:
        """How the class reaches the submodule under a path; its own are entered as attributes."""
        for root, name in self.roots.items():
            if path.startswith(root):
                return Reference(name, tuple(path[len(root) :].split(".")[:-1]))
        parts = tuple(path[len(self.unit.path) :].split(".")[:-1])
        entry = self.units.nodes[self.unit.path].entries[parts[0]]
        self.attributes.setdefault(parts[0], self.chains.entry(entry))
        return Reference(None, parts)


def _root_names(unit: Unit) -> dict[str, str]:
    """The shared bodies that a unit uses and does not own, each with a name."""
    names: dict[str, str] = {}
    for path in unit.shared:
        word = path.rstrip(".").rpartition(".")[2]
        number = sum(name.rstrip("0123456789_") == word for name in names.values())
        names[path] = f"{word}_{number + 1}" if number else word
    return names


def canonical(draft: Draft) -> Draft:
    """The draft without steps that nothing needs, its values numbered in the order in which they appear."""
    live = {*draft.outputs, *draft.training_outputs}
    steps: list[Step] = []
    for step in reversed(draft.steps):
        if live.intersection(step.outputs):
            live.update(step.inputs)
            steps.append(step)
    numbers: dict[int, int] = {}

    def number(values: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(numbers.setdefault(value, len(numbers)) for value in values)

    draft.inputs = number(draft.inputs)
    draft.steps = [
        Step(number(step.outputs), number(step.inputs), step.action, step.shape, step.training_only)
        for step in reversed(steps)
    ]
    draft.outputs, draft.training_outputs = number(draft.outputs), number(draft.training_outputs)
    draft.hints = {numbers[value]: hint for value, hint in draft.hints.items() if value in numbers}
    return draft


__all__ = ["Applies", "Calls", "Draft", "Formula", "Hint", "Node", "Reference", "Step", "Use", "canonical", "draft_of"]
