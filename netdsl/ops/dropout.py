"""Dropout: noise that is there in training only."""

from __future__ import annotations

from netdsl.ops.contract import Misfit, Operation, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.types.tensors import TensorType


@operation
class Dropout(Operation):
    """In training, sets a part of the numbers to 0 and scales the others by `1 / (1 - rate)`.

    Afterwards it does nothing, so that the ONNX model has no node for it. Srivastava et al. 2014; PyTorch
    `nn.Dropout`.
    """

    word = "dropout"
    rate: float = parameter(0.5, doc="part of the numbers that is set to 0", minimum=0, below=1)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.x

    def pytorch(self, at: Site) -> TorchModule:
        return TorchModule("nn.Dropout", (self.rate,))
