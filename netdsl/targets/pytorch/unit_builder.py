"""The graph's modules to units.

Modules without a name vanish into those around them. A labelled merge takes its branches' group with it. Beside the
tree of units stands the tree of paths: which submodules and weights every path of the state dict holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from netdsl.graph.model import Graph, Layer, Module, Tensor
from netdsl.ops.lowering import Torch, TorchExpression, TorchModule, TorchParameter
from netdsl.targets.pytorch.beginnings import begun
from netdsl.targets.pytorch.unit_flow import connect
from netdsl.targets.pytorch.units import Item, Node, Unit, Units, is_kept, owner_path

_LIST = re.compile(r"\w+\s*\(\s*([A-Za-z_]\w*)\s*\)\Z")
_CONVOLUTION = re.compile(r"nn\.Conv([123])d\Z")


def units_of(graph: Graph) -> Units:
    """The units of a complete graph."""
    return _Builder(graph).build()


class _Builder:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.blocks: dict[int, str] = {}
        self.lists: dict[int, str] = {}
        self.nodes: dict[str, Node] = {"": Node("")}
        self.torch = {
            id(layer): begun(layer.operation.pytorch(layer.site), layer.learning) for layer in graph.root.layers()
        }

    def build(self) -> Units:
        root = self._unit(self.graph.root)
        uses = Counter(id(tensor) for layer in self.graph.root.layers() for tensor in layer.reads)
        results = (*self.graph.outputs.values(), *self.graph.training_outputs.values())
        uses.update(id(tensor) for tensor in results)
        connect(root, uses)
        root.inputs, root.outputs = tuple(self.graph.inputs), tuple(self.graph.outputs.values())
        self._find_lists()
        units = Units(root, self.nodes, set(), self.blocks, self.lists, self.torch)
        self._register(root)
        self._find_containers(units)
        self._pad_explicitly(units)
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

    def _find_lists(self) -> None:
        for layer in self.graph.root.layers():
            found = _LIST.match(layer.span.text)
            if found is None or len(layer.inputs) < 2:
                continue
            word = found[1][:-1] if found[1].endswith("s") and len(found[1]) > 1 else found[1]
            self.lists.update((id(tensor), word) for tensor in layer.inputs)

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
            if (parent and f"{parent}." in units.containers) or (len(node.units) > 1 and not self._is_one_body(node)):
                units.containers.add(node.path)

    def _pad_explicitly(self, units: Units) -> None:
        """A convolution that is shared by uses of different sizes holds no padding: `same` asks for other cells."""
        for layer in self.graph.root.layers():
            torch = self.torch[id(layer)]
            if owner_path(layer) in units.containers and isinstance(torch, TorchModule) and "padding" in torch.keywords:
                self.torch[id(layer)] = _padded_before(torch)

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
                yield (
                    item.weights_name,
                    _meaning(torch),
                    tuple(map(place, item.reads)),
                    tuple(map(place, item.outputs)),
                )
            yield tuple(map(place, part.outputs))

        return tuple(form(unit))


def _is_labelled_merge(group: Unit, layer: Layer) -> bool:
    """Whether a layer is the merge whose branches the unit before it holds: they have one label."""
    return group.module.kind == "group" and not group.module.numbered and group.path == f"{layer.weights_name}."


def _padded_before(torch: TorchModule) -> TorchModule:
    """A convolution's padding taken out of the layer."""
    found = _CONVOLUTION.match(torch.name)
    if found is None:
        return torch
    padding = torch.keywords["padding"]
    cells = (padding,) * int(found[1]) if isinstance(padding, int) else tuple(padding)
    keywords = {name: value for name, value in torch.keywords.items() if name != "padding"}
    return replace(torch, keywords=keywords, padding=tuple(cell for size in reversed(cells) for cell in (size, size)))


def _meaning(torch: Torch) -> object:
    """What two lowerings have in common that compute the same."""
    if isinstance(torch, TorchExpression):
        return torch.template
    if isinstance(torch, TorchParameter):
        return (torch.function, tuple(torch.arguments.items()))
    settings = tuple(sorted(torch.keywords.items()))
    return (torch.name, torch.positional, settings, torch.padding, torch.padding_value, torch.flatten)
