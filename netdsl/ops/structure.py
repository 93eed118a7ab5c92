"""Operations that compute nothing: `flatten` and `identity`."""

from __future__ import annotations

from netdsl.ops.contract import Misfit, Operation, Site, operation
from netdsl.ops.lowering import OnnxRecorder, TorchExpression, TorchModule
from netdsl.types.tensors import TensorType


@operation
class Flatten(Operation):
    """All numbers of an example as one vector, channel by channel. ONNX `Flatten`; PyTorch `nn.Flatten`."""

    word = "flatten"
    any_element = True

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x.with_shape(x.elements)

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return (f"{' * '.join(map(str, at.x.shape))} = {at.y}",) if at.x.rank else ()

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node("Flatten", graph.x, axis=1)

    def pytorch(self, at: Site) -> TorchModule:
        return TorchModule("nn.Flatten")


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
