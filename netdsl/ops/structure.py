"""Operations that compute nothing: `flatten` and `identity`."""

from __future__ import annotations

from math import prod

from netdsl.diagnostics import shapes
from netdsl.ops.contract import Misfit, Operation, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchExpression, TorchModule
from netdsl.ops.tokens import onnx_tokens
from netdsl.types.tensors import TensorType

ALL, PLACES = "all", "places"


@operation
class Flatten(Operation):
    """All numbers of an example as one vector, channel by channel; with `places` a vector for each channel.

    ONNX `Flatten`, `Reshape`; PyTorch `nn.Flatten`.
    """

    word = "flatten"
    any_element = True
    axes: str = parameter(ALL, doc="what becomes one axis: all axes, or those of the places", choices=(ALL, PLACES))

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if self.axes == ALL:
            return x.with_shape(x.elements)
        if x.rank == 0:
            return Misfit(shapes.NeedsSpatialAxes(self.word, str(x)))
        return x.with_shape(x.channels, prod(x.spatial, start=1))

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        sizes = at.x.shape if self.axes == ALL else at.x.spatial
        return (f"{' * '.join(map(str, sizes))} = {at.y.shape[-1]}",) if len(sizes) > 1 else ()

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node("Flatten", graph.x, axis=1) if self.axes == ALL else onnx_tokens(graph, graph.x, at.x)

    def pytorch(self, at: Site) -> TorchModule | TorchExpression:
        if self.axes == ALL:
            return TorchModule("nn.Flatten")
        return TorchExpression("{0}.flatten(2)" if at.x.rank > 1 else "{0}")


@operation
class Identity(Operation):
    """The tensor as it came. It leaves no trace in the ONNX model and in PyTorch's source."""

    word = "identity"
    any_element = True

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.x

    def pytorch(self, at: Site) -> TorchExpression:
        return TorchExpression("{0}")
