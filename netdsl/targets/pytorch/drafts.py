"""One unit to the draft of its class."""

from __future__ import annotations

from collections.abc import Iterator

from netdsl.graph.model import Graph, Layer, Tensor
from netdsl.ops.lowering import TorchExpression, TorchModule, TorchParameter
from netdsl.targets.pytorch.chains import Chains, Pending
from netdsl.targets.pytorch.layers import layer_make, pad_make
from netdsl.targets.pytorch.naming import unique
from netdsl.targets.pytorch.steps import (
    PAD,
    Action,
    Applies,
    Calls,
    Draft,
    Hint,
    Learned,
    Reference,
    Step,
    canonical,
    formula,
)
from netdsl.targets.pytorch.units import FUNCTIONS, IDENTITY, Item, Unit, Units, is_kept, owner_path

LONGEST_FORMULA = 100
"""Operands of one expression; Python's parser gives up at some thousands."""


def draft_of(path: str, units: Units, chains: Chains, graph: Graph) -> Draft:
    """The draft of the class that stands under a path."""
    node = units.nodes[path]
    if path in units.containers or not node.units or (path and not node.units[0].outputs):
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
        self.keys = set(units.nodes[unit.path].entries)

    def draft(self, graph: Graph) -> Draft:
        inputs = tuple(self._define(tensor) for tensor in self.unit.inputs)
        for item in self._items(self.unit):
            if isinstance(item, Layer):
                self._layer(item)
            elif item.outputs:
                self._call(item)
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
        if self.unit.module.kind != "net" and len(outputs) > 1:
            for tensor, value in zip(self.unit.outputs, outputs, strict=True):
                hint = self.hints.setdefault(value, Hint())
                hint.name = hint.name or self.units.lists.get(id(tensor))
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
        flowing = {id(tensor) for tensor in module.inputs or self.unit.inputs[:1]}
        for tensor, value in zip(self.unit.inputs, inputs, strict=True):
            name = given.get(id(tensor)) or ("x" if id(tensor) in flowing else tensor.name)
            self.hints[value] = Hint(argument=name or self.units.lists.get(id(tensor)))

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
        inputs = tuple(self._value(tensor) for tensor in layer.reads)
        if isinstance(torch, TorchParameter):
            self._add(layer, inputs, Learned(self._reference(f"{layer.weights_name}."), torch.axes))
        elif isinstance(torch, TorchExpression):
            if torch.template == "{0}":
                self._alias(layer, inputs[0])
                return
            self._formula(layer, torch.template, inputs)
        elif torch.name == IDENTITY:
            self._alias(layer, inputs[0])
        else:
            self._module(layer, torch, inputs)

    def _formula(self, layer: Layer, template: str, inputs: tuple[int, ...]) -> None:
        """An expression, in parts where it has more operands than Python takes in one."""
        collection = self.units.lists.get(id(layer.inputs[-1])) if len(inputs) > 1 else None
        word = layer.operation.word
        if len(inputs) > LONGEST_FORMULA and "{all}" not in template:
            sign = template[len("{0}") : template.index("{1}")]
            template = sign.join(f"{{{place}}}" for place in range(LONGEST_FORMULA))
            while len(inputs) > LONGEST_FORMULA:
                part = formula(self._key(layer, "_part"), template, word, collection)
                value = self._fresh()
                self.steps.append(Step((value,), inputs[:LONGEST_FORMULA], part, None, layer.training_only))
                inputs = (value, *inputs[LONGEST_FORMULA:])
            template = sign.join(f"{{{place}}}" for place in range(len(inputs)))
        self._add(layer, inputs, formula(self._key(layer), template, word, collection))

    def _alias(self, layer: Layer, value: int) -> None:
        self.values[id(layer.outputs[0])] = value
        hint = self.hints[value]
        hint.name = hint.name or layer.outputs[0].name

    def _module(self, layer: Layer, torch: TorchModule, inputs: tuple[int, ...]) -> None:
        if torch.flatten:
            flatten = Applies(self._key(layer, "_flatten"), "torch.flatten", layer_make(TorchModule("nn.Flatten")))
            inputs = (self._before(layer, inputs[0], flatten), *inputs[1:])
        if torch.padding:
            pad = Applies(self._key(layer, "_pad"), PAD, pad_make(torch))
            inputs = (self._before(layer, inputs[0], pad), *inputs[1:])
        if not is_kept(torch):
            function = torch.function or FUNCTIONS[torch.name]
            self._add(layer, inputs, Applies(self._key(layer), function, layer_make(torch)))
            return
        target = self._own(layer, torch) or self._reference(f"{owner_path(layer)}{layer.local_name}.")
        automatic = layer.local_name.rstrip("0123456789") in ("", layer.operation.word)
        self._add(layer, inputs, Calls(target, (), None if automatic else layer.local_name))

    def _key(self, layer: Layer, purpose: str = "") -> str:
        """A name that no attribute has, for a step of its own."""
        name = f"{owner_path(layer)[len(self.unit.path) :]}{layer.local_name}{purpose}".replace(".", "_")
        return unique(name, self.keys)

    def _own(self, layer: Layer, torch: TorchModule) -> Reference | None:
        """An attribute of this class alone, for a layer without weights that differs between uses of a shared body."""
        if not layer.shares_weights or layer.weights or owner_path(layer) not in self.units.containers:
            return None
        name = self._key(layer)
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
