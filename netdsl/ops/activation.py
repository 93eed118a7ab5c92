"""Activations: straight lines, the classical curves, and softmax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from netdsl.ops.axes import AXES, no_such_axis, place_of_axis
from netdsl.ops.channels import channel_count, open_channels_misfit
from netdsl.ops.contract import Misfit, Operation, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, Torch, TorchExpression, TorchModule
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import Constant


class Activation(Operation):
    """A function of every number by itself.

    A parameter, if it has one, has a default; it is ONNX's `alpha` and the first argument in PyTorch.

    Attributes:
        operator: its name in ONNX.
        module: its name in PyTorch as a layer.
        function: its name in PyTorch as a function.
        constants: what ONNX must be told, since its own numbers are others.
    """

    operator: ClassVar[str]
    module: ClassVar[str]
    function: ClassVar[str]
    constants: ClassVar[Mapping[str, float]] = {}

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        own = dict(zip(("alpha",), self.settings().values(), strict=False))
        return graph.node(self.operator, graph.x, **self.constants, **own)

    def pytorch(self, at: Site) -> Torch:
        usual = type(self)().settings()
        changed = tuple(value for name, value in self.settings().items() if value != usual[name])
        return TorchModule(self.module, changed, function=self.function)


@operation
class Relu(Activation):
    """`max(0, x)`. Nair and Hinton 2010."""

    word = "relu"
    operator, module, function = "Relu", "nn.ReLU", "F.relu"


@operation
class Relu6(Activation):
    """`min(max(0, x), 6)`. Krizhevsky 2010, Sandler et al. 2018 (MobileNetV2); ONNX `Clip`; PyTorch `nn.ReLU6`."""

    word = "relu6"
    module, function = "nn.ReLU6", "F.relu6"

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node("Clip", graph.x, graph.scalar(0.0), graph.scalar(6.0))


@operation
class LeakyRelu(Activation):
    """`x` where it is positive, `slope * x` elsewhere. Maas et al. 2013."""

    word = "leaky_relu"
    operator, module, function = "LeakyRelu", "nn.LeakyReLU", "F.leaky_relu"
    slope: float = parameter(0.01, doc="factor of negative numbers")


@operation
class PRelu(Operation):
    """`x` where it is positive, `slope * x` elsewhere, with a learned slope for each channel. He et al. 2015.

    ONNX `PRelu`; PyTorch `nn.PReLU`.
    """

    word = "prelu"
    slope: float = parameter(0.25, doc="what all slopes are at first")
    shared: bool = parameter(False, doc="whether all channels have the same slope")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x if self.shared else open_channels_misfit(self.word, x) or x

    def weights(self, at: Site) -> tuple[Weight, ...]:
        return (Weight("weight", (self._slopes(at.x),), Constant(self.slope)),)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        (slope,) = graph.weights.values()
        if at.x.rank and not self.shared:
            # Without axes of its own behind the channels, a slope would belong to a place along the last axis.
            slope = graph.node("Unsqueeze", slope, graph.integers(*range(1, 1 + at.x.rank)))
        return graph.node("PRelu", graph.x, slope)

    def pytorch(self, at: Site) -> Torch:
        keywords = {"init": self.slope} if self.slope != 0.25 else {}
        return TorchModule("nn.PReLU", (self._slopes(at.x),), keywords)

    def _slopes(self, x: TensorType) -> int:
        return 1 if self.shared else channel_count(x)


@operation
class Elu(Activation):
    """`x` where it is positive, `alpha * (exp(x) - 1)` elsewhere. Clevert et al. 2015."""

    word = "elu"
    operator, module, function = "Elu", "nn.ELU", "F.elu"
    alpha: float = parameter(1.0, doc="what very negative numbers approach, below zero")


@operation
class Sigmoid(Activation):
    """`1 / (1 + exp(-x))`."""

    word = "sigmoid"
    operator, module, function = "Sigmoid", "nn.Sigmoid", "torch.sigmoid"


@operation
class Tanh(Activation):
    """The hyperbolic tangent."""

    word = "tanh"
    operator, module, function = "Tanh", "nn.Tanh", "torch.tanh"


@operation
class Absolute(Activation):
    """`x` without its sign."""

    word = "abs"
    operator = "Abs"

    def pytorch(self, at: Site) -> Torch:
        return TorchExpression("torch.abs({0})")


class AlongAxis(Operation):
    """A function of all numbers along one axis, which leaves the shape as it is.

    Attributes:
        operator: its name in ONNX.
        function: its name in PyTorch as a function.
    """

    operator: ClassVar[str]
    function: ClassVar[str]
    axis: str

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return no_such_axis(self.word, self.axis, x) or x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node(self.operator, graph.x, axis=place_of_axis(self.axis, at.x))

    def pytorch(self, at: Site) -> Torch:
        keywords = {"dim": place_of_axis(self.axis, at.x)}
        return TorchModule(f"nn.{self.operator}", (), keywords, function=self.function)


@operation
class Softmax(AlongAxis):
    """`exp(x) / sum(exp(x))`, with the sum along one axis, so that the numbers there add up to 1."""

    word = "softmax"
    operator, function = "Softmax", "F.softmax"
    axis: str = parameter("channels", doc="axis along which the numbers add up to 1", choices=AXES)


@operation
class LogSoftmax(AlongAxis):
    """The logarithm of `softmax`, `x - log(sum(exp(x)))`, which stays finite where `softmax` rounds to 0."""

    word = "log_softmax"
    operator, function = "LogSoftmax", "F.log_softmax"
    axis: str = parameter("channels", doc="axis along which the sum is taken", choices=AXES)
