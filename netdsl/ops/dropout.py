"""Dropout: noise that is there in training only."""

from __future__ import annotations

from netdsl.ops.contract import Misfit, Operation, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.types.tensors import TensorType

NUMBER = "number"
CHANNEL = "channel"


@operation
class Dropout(Operation):
    """In training, sets a part of the numbers to 0 and scales the others by `1 / (1 - rate)`.

    With `per=channel` it sets whole channels to 0, since neighbours are much alike (Tompson et al. 2015). Afterwards
    it does nothing, so that the ONNX model has no node for it. Srivastava et al. 2014; PyTorch `nn.Dropout`.
    """

    word = "dropout"
    rate: float = parameter(0.5, doc="part of the numbers that is set to 0", minimum=0, below=1)
    per: str = parameter(NUMBER, doc="what is set to 0 as a whole", choices=(NUMBER, CHANNEL))

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.x

    def pytorch(self, at: Site) -> TorchModule:
        # For PyTorch's `Dropout1d` a batch of vectors would be one example with channels and a length.
        axes = f"{at.x.rank}d" if self.per == CHANNEL and at.x.rank else ""
        return TorchModule(f"nn.Dropout{axes}", (self.rate,))


@operation
class DropPath(Operation):
    """In training, sets a part of the examples to 0 and scales the others by `1 / (1 - rate)`.

    At the end of a residual branch it leaves the branch out at random: stochastic depth, Huang et al. 2016.
    Afterwards it does nothing, so that the ONNX model has no node for it.
    """

    word = "drop_path"
    rate: float = parameter(doc="part of the examples that is set to 0", minimum=0, below=1)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.x

    def pytorch(self, at: Site) -> TorchModule:
        return TorchModule("DropPath", (self.rate,), support="drop_path.py")
