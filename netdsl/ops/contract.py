"""What an operation is: its parameters as fields, and beside them every facet that the compiler asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, TypeAlias, TypeVar, dataclass_transform

from netdsl.diagnostics.core import Fact
from netdsl.ops.lowering import OnnxRecorder, Torch
from netdsl.types.sizes import Size
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import Initialisation

REQUIRED: Any = object()
Class = TypeVar("Class")


def parameter(
    default: Any = REQUIRED,
    *,
    doc: str,
    minimum: float | None = None,
    maximum: float | None = None,
    below: float | None = None,
    above: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a parameter: its default, its meaning in one phrase, and the range of its values.

    Args:
        default: the literature's default; without one the parameter must be given.
        doc: what the parameter is, for the reference and the editor.
        minimum: the least value, for sizes on every axis.
        maximum: the greatest value.
        below: a value that it must stay under.
        above: a value that it must exceed.
        choices: the words that it may be.
    """
    ranges = {"minimum": minimum, "maximum": maximum, "below": below, "above": above}
    metadata = {"doc": doc, "choices": choices, **ranges}
    return field(metadata=metadata) if default is REQUIRED else field(default=default, metadata=metadata)


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(parameter,))
def operation(cls: type[Class]) -> type[Class]:
    """Make a class of operations a frozen dataclass whose fields are its parameters."""
    return dataclass(frozen=True, eq=False, repr=False)(cls)


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Misfit:
    """Why an operation cannot take its inputs; `parameter` names the argument that is at fault, if one is."""

    fact: Fact
    parameter: str | None = None


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Weight:
    """An array of numbers that belongs to a layer, in PyTorch's layout and under PyTorch's name."""

    name: str
    shape: tuple[int, ...]
    initializer: Initialisation
    trainable: bool = True
    buffer: bool = False

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        total = 1
        for size in self.shape:
            total *= size
        return total


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Reach:
    """How far one output looks into its input, per spatial axis: window, stride, and padding before."""

    window: tuple[int, ...]
    stride: tuple[int, ...]
    before: tuple[Size, ...]


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Everywhere:
    """Every output looks at the whole input."""


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Pointwise:
    """Every output looks at its own place only."""


ReceptiveStep: TypeAlias = Reach | Everywhere | Pointwise
POINTWISE = Pointwise()
EVERYWHERE = Everywhere()


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Site:
    """An operation's inputs and outputs at one place of a net."""

    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]

    @property
    def x(self) -> TensorType:
        """The input of an operation that has one."""
        return self.inputs[0]

    @property
    def y(self) -> TensorType:
        """The output of an operation that has one."""
        return self.outputs[0]


class Operation:
    """One kind of layer.

    Subclasses are dataclasses whose fields are the spec's parameters, the first of them the positional one;
    `stride` and `channels` are what `/` and `x` of the short form mean.

    Attributes:
        any_element: whether it takes whole numbers as well as `float32`.
        inputs_for_sizes: inputs at the end of which only the size counts, so that nothing of them is seen.
    """

    word: ClassVar[str]
    least_inputs: ClassVar[int] = 1
    most_inputs: ClassVar[int | None] = 1
    window_rank: ClassVar[int | None] = None
    any_element: ClassVar[bool] = False
    inputs_for_sizes: ClassVar[int] = 0

    def infer(self, *inputs: TensorType) -> TensorType | tuple[TensorType, ...] | Misfit:
        """The shape rule: the outputs' types, or why these inputs do not fit."""
        raise NotImplementedError

    def must_agree(self, *inputs: TensorType) -> tuple[tuple[Size, Size], ...]:
        """The pairs of sizes that must be equal for inputs to fit which the shape rule refuses.

        Only where their equality hangs on open sizes alone; empty where the inputs can never fit.
        """
        return ()

    def warning(self, at: Site) -> Fact | None:
        """What is legal here but likely a mistake."""
        return None

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        """What open sizes must reach: (size, least value)."""
        return ()

    def mend(self, at: Site, wanted: TensorType) -> str | None:
        """Advice for an output that should have been of another shape."""
        return None

    def weights(self, at: Site) -> tuple[Weight, ...]:
        """The arrays that the layer holds."""
        return ()

    def macs(self, at: Site) -> Size:
        """Multiply-accumulates for one example: those of convolutions and dense layers, nothing else."""
        return 0

    def further_macs(self, at: Site) -> tuple[tuple[str, Size], ...]:
        """Multiply-accumulates that reports add apart, by what makes them: `attention`, `recurrence`."""
        return ()

    def reach(self, at: Site) -> ReceptiveStep:
        """What the receptive field grows by."""
        return POINTWISE

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        """Lines that show how the output's size comes about, with the numbers in them."""
        return ()

    def onnx(self, graph: OnnxRecorder, at: Site) -> str | tuple[str, ...]:
        """Record ONNX nodes; the result names the outputs."""
        raise NotImplementedError

    def pytorch(self, at: Site) -> Torch:
        """The PyTorch module, function or expression that does the same."""
        raise NotImplementedError

    def settings(self) -> Mapping[str, Any]:
        """The parameters and their values, in order."""
        return {each.name: getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]
