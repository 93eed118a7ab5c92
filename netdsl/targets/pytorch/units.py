"""The parts of a net that have a name of their own, and what the state dict has under every path."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from netdsl.graph.model import Layer, Module, Tensor
from netdsl.ops.lowering import Torch, TorchExpression, TorchParameter

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
        lists: the names of the lists, in the singular, that merges take tensors (their ids) from.
        torch: the layers' lowerings, by the layer's id.
    """

    root: Unit
    nodes: dict[str, Node]
    containers: set[str]
    blocks: dict[int, str]
    lists: dict[int, str]
    torch: dict[int, Torch]

    def lowered(self, layer: Layer) -> Torch:
        """What a layer becomes; found once."""
        return self.torch[id(layer)]


def owner_path(layer: Layer) -> str:
    """The path of the unit that holds a layer's weights."""
    return layer.weights_name[: len(layer.weights_name) - len(layer.local_name)]


def is_kept(torch: Torch) -> bool:
    """Whether a layer must be an attribute: it has weights, or another behaviour in training, or no function."""
    if isinstance(torch, TorchParameter):
        return True
    if isinstance(torch, TorchExpression) or torch.name == IDENTITY:
        return False
    return torch.function is None and torch.name not in FUNCTIONS
