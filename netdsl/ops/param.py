"""A tensor that is learned itself, and that hangs on no input."""

from __future__ import annotations

from typing import TypeAlias

from netdsl.ops.contract import Misfit, Operation, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchParameter
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import Constant, Normal

Shape: TypeAlias = tuple[int, ...]


@operation
class Param(Operation):
    """A learned tensor, the same for every example: a source, with which a pipeline or a branch starts.

    The class token and the positions of Dosovitskiy et al. 2020 (ViT), section 3.1. It has as many examples as the
    tensor that flows where it stands. ONNX `Expand`; PyTorch `nn.Parameter`, whose name is the layer's own.
    """

    word = "param"
    least_inputs = 0
    most_inputs = 0
    shape: Shape = parameter(doc="the sizes, channels first", minimum=1)
    std: float = parameter(0.0, doc="standard deviation of the first numbers, around 0", minimum=0)

    def infer(self) -> TensorType | Misfit:  # type: ignore[override]
        return TensorType(self.shape)

    def weights(self, at: Site) -> tuple[Weight, ...]:
        scheme = Normal(0.0, self.std) if self.std else Constant(0.0)
        return (Weight("", (1, *self.shape), scheme),)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        (learned,) = graph.weights.values()
        batch = graph.node("Shape", graph.x, start=0, end=1)
        return graph.node("Expand", learned, graph.node("Concat", batch, graph.integers(*self.shape), axis=0))

    def pytorch(self, at: Site) -> TorchParameter:
        size = (1, *self.shape)
        if self.std:
            return TorchParameter("torch.normal", {"mean": 0.0, "std": self.std, "size": size}, len(self.shape))
        return TorchParameter("torch.zeros", {"size": size}, len(self.shape))
