"""Dense layers."""

from __future__ import annotations

from netdsl.diagnostics import shapes
from netdsl.ops.channels import channel_count
from netdsl.ops.contract import (
    EVERYWHERE,
    POINTWISE,
    Misfit,
    Operation,
    ReceptiveStep,
    Site,
    Weight,
    operation,
    parameter,
)
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.types.sizes import Size, is_open
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import pytorch_default

ALL = "all"
CHANNELS = "channels"


@operation
class Dense(Operation):
    """A dense (fully connected) layer: every output is a weighted sum of all inputs.

    Takes a vector, or a tensor whose spatial axes are all 1; with `axis=channels` any tensor, of whose channels it
    makes new ones, alike at every place. ONNX `Gemm`, or `Conv` with a window of 1; PyTorch `nn.Linear`.
    """

    word = "fc"
    units: int = parameter(doc="number of outputs", minimum=1)
    bias: bool = parameter(True, doc="whether every output adds a number of its own")
    axis: str = parameter(
        ALL, doc="what it sums over: all numbers, or the channels of each place", choices=(ALL, CHANNELS)
    )

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if self.axis == ALL and any(size != 1 for size in x.spatial):
            return Misfit(shapes.NeedsVector(self.word, str(x), str(x.elements)))
        if is_open(x.channels):
            advice = "`global_avgpool` before it gives one number for each channel at any size"
            return Misfit(shapes.NeedsKnownSize(self.word, "how many numbers come in", str(x.channels), advice))
        return x.with_shape(self.units) if self.axis == ALL else x.with_channels(self.units)

    def weights(self, at: Site) -> tuple[Weight, ...]:
        inputs = channel_count(at.x)
        scheme = pytorch_default(inputs)
        weight = Weight("weight", (self.units, inputs), scheme)
        return (weight, Weight("bias", (self.units,), scheme)) if self.bias else (weight,)

    def macs(self, at: Site) -> Size:
        return at.x.elements * self.units

    def reach(self, at: Site) -> ReceptiveStep:
        return POINTWISE if at.x.rank else EVERYWHERE

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return (f"{at.x.channels} inputs, each with a weight to {self.units} outputs",)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        weight, *bias = graph.weights.values()
        if self.axis == CHANNELS and at.x.rank:
            axes = graph.integers(*range(2, 2 + at.x.rank))
            return graph.node("Conv", graph.x, graph.node("Unsqueeze", weight, axes), *bias)
        x = graph.node("Flatten", graph.x, axis=1) if at.x.rank else graph.x
        return graph.node("Gemm", x, weight, *bias, transB=1)

    def pytorch(self, at: Site) -> TorchModule:
        sizes, keywords = (channel_count(at.x), self.units), {} if self.bias else {"bias": False}
        if self.axis == CHANNELS and at.x.rank:
            return TorchModule("ChannelLinear", sizes, keywords, support="channel_linear.py")
        return TorchModule("nn.Linear", sizes, keywords, flatten=at.x.rank > 0)
