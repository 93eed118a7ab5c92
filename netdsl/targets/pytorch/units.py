"""The graph's modules to units: the parts of a net that have a name of their own, with what flows in and out of them.

Modules without a name vanish into those around them. A labelled merge takes its branches' group with it. Beside the
tree of units stands the tree of paths: which submodules and weights every path of the state dict holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from netdsl.graph.model import Graph, Layer, Module, Tensor
from netdsl.ops.lowering import Torch, TorchExpression, TorchModule

IDENTITY = "nn.Identity"
FUNCTIONS = {"nn.Flatten": "torch.flatten({x}, 1)"}
"""Functions whose arguments are not those of the class."""


@dataclass(eq=False, slots=True)
class Unit:
    """A named module.

    Attributes:
        path: what the names of its weights begin with, "layer1.0."; empty for the net.
        items: its layers and units in the order of the flow.
        module: the graph's module.
        inputs: the tensors that it takes from outside, the one that flows first.
        outputs: the tensors that are used outside.
        shared: the paths of shared bodies outside it that it uses.
    """

    path: str
    module: Module
    items: list[Item] = field(default_factory=list)
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    shared: tuple[str, ...] = ()
    training_only: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rstrip(".").rpartition(".")[2]


Item: TypeAlias = "Layer | Unit"


@dataclass(eq=False, slots=True)
class Node:
    """What the state dict has under a path: weights' owners and further paths, in the order of the flow."""

    path: str
    entries: dict[str, Layer | Node] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Units:
    """A net as units.

    Attributes:
        root: the net.
        nodes: what stands under every path.
        containers: the paths whose bodies are written out where they are used, since one class cannot hold them.
        blocks: the names of blocks without a label, by the tensor (its id) that they leave.
        torch: the layers' lowerings, by the layer's id.
    """

    root: Unit
    nodes: dict[str, Node]
    containers: set[str]
    blocks: dict[int, str]
    torch: dict[int, Torch]

    def lowered(self, layer: Layer) -> Torch:
        """What a layer becomes; found once."""
        return self.torch[id(layer)]


def owner_path(layer: Layer) -> str:
    """The path of the unit that holds a layer's weights."""
    return layer.weights_name[: len(layer.weights_name) - len(layer.local_name)]


def is_kept(torch: Torch) -> bool:
    """Whether a layer must be an attribute: it has weights, or another behaviour in training, or no function."""
    if isinstance(torch, TorchExpression) or torch.name == IDENTITY:
        return False
    return torch.function is None and torch.name not in FUNCTIONS


def units_of(graph: Graph) -> Units:
    """The units of a complete graph."""
    return _Builder(graph).build()


class _Builder:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.blocks: dict[int, str] = {}
        self.nodes: dict[str, Node] = {"": Node("")}
        self.torch = {id(layer): layer.operation.pytorch(layer.site) for layer in graph.root.layers()}

    def build(self) -> Units:
        root = self._unit(self.graph.root)
        uses = Counter(id(tensor) for layer in self.graph.root.layers() for tensor in layer.inputs)
        results = (*self.graph.outputs.values(), *self.graph.training_outputs.values())
        uses.update(id(tensor) for tensor in results)
        _connect(root, uses)
        root.inputs, root.outputs = tuple(self.graph.inputs), tuple(self.graph.outputs.values())
        units = Units(root, self.nodes, set(), self.blocks, self.torch)
        self._register(root)
        self._find_containers(units)
        return units

    # ---- the tree of units -------------------------------------------------------------------

    def _unit(self, module: Module) -> Unit:
        unit = Unit(module.path, module)
        unit.items = self._items(module)
        unit.training_only = bool(unit.items) and all(item.training_only for item in unit.items)
        return unit

    def _items(self, module: Module) -> list[Item]:
        items: list[Item] = []
        for member in module.members:
            if isinstance(member, Module):
                items.extend([self._unit(member)] if member.local_name is not None else self._items(member))
                continue
            group = items[-1] if items else None
            if isinstance(group, Unit) and _is_labelled_merge(group, member):
                group.items.append(member)
            else:
                items.append(member)
        if module.kind == "block" and module.local_name is None and module.block and len(module.outputs) == 1:
            self.blocks.setdefault(id(module.outputs[0]), module.block)
        return items

    # ---- the tree of paths -------------------------------------------------------------------

    def _register(self, unit: Unit) -> None:
        self._node(unit.path).units.append(unit)
        for item in unit.items:
            if isinstance(item, Unit):
                self._register(item)
            elif is_kept(self.torch[id(item)]):
                self._node(owner_path(item)).entries.setdefault(item.local_name, item)

    def _node(self, path: str) -> Node:
        if path not in self.nodes:
            node = self.nodes[path] = Node(path)
            parent, _, name = path.rstrip(".").rpartition(".")
            self._node(f"{parent}." if parent else "").entries.setdefault(name, node)
        return self.nodes[path]

    def _find_containers(self, units: Units) -> None:
        """Paths with several bodies, unless they are the same body each time; and all paths below them."""
        for node in list(self.nodes.values()):
            parent = node.path.rstrip(".").rpartition(".")[0]
            if parent and f"{parent}." in units.containers:
                units.containers.add(node.path)
            elif len(node.units) > 1 and not self._is_one_body(node):
                units.containers.add(node.path)

    def _is_one_body(self, node: Node) -> bool:
        first, *others = node.units
        wanted = self._form(first)
        return all(self._form(other) == wanted for other in others)

    def _form(self, unit: Unit) -> tuple[object, ...]:
        """Two units of one form compute the same with the same weights."""
        places: dict[int, int] = {}

        def place(tensor: Tensor) -> int:
            return places.setdefault(id(tensor), len(places))

        def form(part: Unit) -> Iterator[object]:
            yield tuple(map(place, part.inputs))
            for item in part.items:
                if isinstance(item, Unit):
                    yield (item.path, *form(item))
                    continue
                torch = self.torch[id(item)]
                what = torch.template if isinstance(torch, TorchExpression) else _arguments(torch)
                yield (item.weights_name, what, tuple(map(place, item.inputs)), tuple(map(place, item.outputs)))
            yield tuple(map(place, part.outputs))

        return tuple(form(unit))


def _is_labelled_merge(group: Unit, layer: Layer) -> bool:
    """Whether a layer is the merge whose branches the unit before it holds: they have one label."""
    return group.module.kind == "group" and not group.module.numbered and group.path == f"{layer.weights_name}."


def _arguments(torch: TorchModule) -> tuple[object, ...]:
    settings = tuple(sorted(torch.keywords.items()))
    return (torch.name, torch.positional, settings, torch.padding, torch.padding_value, torch.flatten)


def _connect(unit: Unit, uses: Counter[int]) -> tuple[dict[int, Tensor], Counter[int]]:
    """Find what flows in and out of a unit and those in it; the result is what is made and what is used inside."""
    made: dict[int, Tensor] = {}
    used: Counter[int] = Counter()
    order: dict[int, Tensor] = {}
    shared: dict[str, None] = {}
    for item in unit.items:
        if isinstance(item, Unit):
            inner_made, inner_used = _connect(item, uses)
            made.update(inner_made)
            used.update(inner_used)
            order.update((id(tensor), tensor) for tensor in item.inputs)
            outside = (*item.shared, item.path) if item.module.kind == "share" else item.shared
            shared.update((path, None) for path in outside if not path.startswith(unit.path))
            continue
        made.update((id(tensor), tensor) for tensor in item.outputs)
        used.update(map(id, item.inputs))
        order.update((id(tensor), tensor) for tensor in item.inputs)
    unit.inputs = _in_order(unit, {key: tensor for key, tensor in order.items() if key not in made})
    unit.outputs = _results(unit, {key: tensor for key, tensor in made.items() if uses[key] > used[key]})
    unit.shared = tuple(shared)
    return made, used


def _in_order(unit: Unit, inputs: dict[int, Tensor]) -> tuple[Tensor, ...]:
    """The tensor that flows in, then those that are given as arguments, then those that the text reads."""
    arguments = [value for value in unit.module.arguments.values() if isinstance(value, Tensor)]
    known = [tensor for tensor in (*unit.module.inputs, *arguments) if id(tensor) in inputs]
    return tuple({id(tensor): tensor for tensor in (*known, *inputs.values())}.values())


def _results(unit: Unit, outputs: dict[int, Tensor]) -> tuple[Tensor, ...]:
    known = [tensor for tensor in unit.module.outputs if id(tensor) in outputs]
    return tuple({id(tensor): tensor for tensor in (*known, *outputs.values())}.values())
