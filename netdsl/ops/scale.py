"""Learned factors."""

from __future__ import annotations

from netdsl.ops.channels import channel_count, open_channels_misfit
from netdsl.ops.contract import Misfit, Operation, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import Constant


@operation
class Scale(Operation):
    """`x * weight`, with a learned factor for each channel.

    At the end of a residual branch, with factors near 0 at first: LayerScale, Touvron et al. 2021. ONNX `Mul`.
    """

    word = "scale"
    value: float = parameter(1.0, doc="what all factors are at first")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return open_channels_misfit(self.word, x) or x

    def weights(self, at: Site) -> tuple[Weight, ...]:
        return (Weight("weight", (channel_count(at.x),), Constant(self.value)),)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        (factor,) = graph.weights.values()
        if at.x.rank:
            factor = graph.node("Unsqueeze", factor, graph.integers(*range(1, 1 + at.x.rank)))
        return graph.node("Mul", graph.x, factor)

    def pytorch(self, at: Site) -> TorchModule:
        return TorchModule("Scale", (channel_count(at.x), self.value), support="scale.py")
