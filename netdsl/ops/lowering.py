"""Lowerings as data: what an operation becomes in ONNX and in PyTorch, before any protobuf or text is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# ---- ONNX ------------------------------------------------------------------------------------


@dataclass(eq=False, repr=False, slots=True)
class OnnxNode:
    """One node; `constants` of the recorder hold its small fixed inputs."""

    operator: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class OnnxConstant:
    """A small fixed tensor: a flat list of numbers, its shape, and `int64`, `float32` or `float64`."""

    name: str
    values: tuple[float, ...] | tuple[int, ...]
    shape: tuple[int, ...]
    element: str


@dataclass(eq=False, repr=False)
class OnnxRecorder:
    """Records what one layer becomes.

    Attributes:
        layer: the layer's name; nodes and values are named after it.
        inputs: the names of its input values.
        weights: the initializers' names by the weights' own.
        opset: the opset that is written for.
    """

    layer: str
    inputs: tuple[str, ...]
    weights: Mapping[str, str]
    opset: int
    nodes: list[OnnxNode] = field(default_factory=list)
    constants: list[OnnxConstant] = field(default_factory=list)

    @property
    def x(self) -> str:
        """The input of a layer that has one."""
        return self.inputs[0]

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Record a node with one output; an input `""` is left out, an attribute None is not written."""
        return self.node_with_outputs(operator, 1, *inputs, **attributes)[0]

    def node_with_outputs(self, operator: str, outputs: int, *inputs: str, **attributes: Any) -> tuple[str, ...]:
        """Record a node with several outputs."""
        place = len(self.nodes)
        names = [f"{self.layer}.{operator}{place}.{index}" for index in range(outputs)]
        given = {name: value for name, value in attributes.items() if value is not None}
        self.nodes.append(OnnxNode(operator, list(inputs), names, given))
        return tuple(names)

    def integers(self, *values: int) -> str:
        """A constant vector of int64."""
        return self._constant(values, (len(values),), "int64")

    def floats(self, values: tuple[float, ...], *shape: int) -> str:
        """A constant tensor of float32; without a shape it is a vector, with the shape () a scalar."""
        return self._constant(values, shape or (len(values),), "float32")

    def scalar(self, value: float) -> str:
        """A constant float32 without axes."""
        return self._constant((value,), (), "float32")

    def doubles(self, values: tuple[float, ...], *shape: int) -> str:
        """A constant tensor of float64, for arguments of large angles; without a shape it is a vector."""
        return self._constant(values, shape or (len(values),), "float64")

    def _constant(self, values: tuple[Any, ...], shape: tuple[int, ...], element: str) -> str:
        name = f"{self.layer}.constant{len(self.constants)}"
        self.constants.append(OnnxConstant(name, values, shape, element))
        return name


# ---- PyTorch ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class TorchModule:
    """`nn.MaxPool2d(3, stride=2)`, and where PyTorch has one, the function with the same arguments.

    Attributes:
        name: the class, `nn.…`, or the name of a class in codegen_templates/support.
        positional: arguments by place.
        keywords: arguments that differ from PyTorch's defaults.
        function: the stateless function of the same meaning (`F.max_pool2d`).
        padding: what `F.pad` adds beforehand, last axis first, (before, after) for each.
        padding_value: what it is filled with.
        flatten: whether the function or module takes the input flattened to (batch, numbers).
        support: the file in codegen_templates/support that defines the class.
        before: what is written before the call that makes the module, and `after` behind it.
        helpers: the files in codegen_templates/support of what stands there.
    """

    name: str
    positional: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    function: str | None = None
    padding: tuple[int, ...] = ()
    padding_value: float = 0.0
    flatten: bool = False
    support: str | None = None
    before: str = ""
    after: str = ""
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class TorchExpression:
    """An expression over the inputs: `{0} + {1}`, or `torch.cat([{all}], dim=1)`."""

    template: str


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class TorchParameter:
    """A learned tensor that a module holds itself, `self.token = nn.Parameter(torch.zeros(1, 768, 1))`.

    It stands for every example of a batch.

    Attributes:
        function: what draws its first numbers: `torch.zeros`, `torch.normal`.
        arguments: that function's arguments, all of them by place.
        axes: how many axes it has behind the batch.
        before: what is written before the call that draws them, and `after` behind it.
        helpers: the files in codegen_templates/support of what stands there.
    """

    function: str
    arguments: Mapping[str, Any]
    axes: int
    before: str = "nn.Parameter("
    after: str = ")"
    helpers: tuple[str, ...] = ()


Torch: TypeAlias = TorchModule | TorchExpression | TorchParameter


def one_or_all(values: tuple[int, ...]) -> int | tuple[int, ...]:
    """A single number where every axis has the same, as a person would write it."""
    return values[0] if len(set(values)) == 1 else values
