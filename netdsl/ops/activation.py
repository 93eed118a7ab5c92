"""Activations: functions of one number at a time, and softmax."""

from __future__ import annotations

from typing import Any, ClassVar

from netdsl.ops.axes import AXES, no_such_axis, place_of_axis
from netdsl.ops.contract import Misfit, Operation, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, Torch, TorchExpression, TorchModule
from netdsl.types.tensors import TensorType


class Activation(Operation):
    """A function of every number by itself.

    Attributes:
        operator: its name in ONNX.
        module: its name in PyTorch as a layer.
        function: its name in PyTorch as a function.
    """

    operator: ClassVar[str]
    module: ClassVar[str]
    function: ClassVar[str]

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node(self.operator, graph.x, **self._attributes())

    def pytorch(self, at: Site) -> Torch:
        return TorchModule(self.module, self._positional(), function=self.function)

    def _attributes(self) -> dict[str, Any]:
        """ONNX's attributes."""
        return {}

    def _positional(self) -> tuple[Any, ...]:
        """PyTorch's arguments, without those that are its defaults."""
        return ()


@operation
class Relu(Activation):
    """`max(0, x)`. Nair and Hinton 2010."""

    word = "relu"
    operator, module, function = "Relu", "nn.ReLU", "F.relu"


@operation
class LeakyRelu(Activation):
    """`x` where it is positive, `slope * x` elsewhere. Maas et al. 2013."""

    word = "leaky_relu"
    operator, module, function = "LeakyRelu", "nn.LeakyReLU", "F.leaky_relu"
    slope: float = parameter(0.01, doc="factor of negative numbers")

    def _attributes(self) -> dict[str, Any]:
        return {"alpha": self.slope}

    def _positional(self) -> tuple[Any, ...]:
        return (self.slope,) if self.slope != 0.01 else ()


@operation
class Elu(Activation):
    """`x` where it is positive, `alpha * (exp(x) - 1)` elsewhere. Clevert et al. 2015."""

    word = "elu"
    operator, module, function = "Elu", "nn.ELU", "F.elu"
    alpha: float = parameter(1.0, doc="what very negative numbers approach, below zero")

    def _attributes(self) -> dict[str, Any]:
        return {"alpha": self.alpha}

    def _positional(self) -> tuple[Any, ...]:
        return (self.alpha,) if self.alpha != 1 else ()


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


@operation
class Softmax(Operation):
    """`exp(x) / sum(exp(x))`, with the sum along one axis, so that the numbers there add up to 1."""

    word = "softmax"
    axis: str = parameter("channels", doc="axis along which the numbers add up to 1", choices=AXES)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return no_such_axis(self.word, self.axis, x) or x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node("Softmax", graph.x, axis=place_of_axis(self.axis, at.x))

    def pytorch(self, at: Site) -> Torch:
        return TorchModule("nn.Softmax", (), {"dim": place_of_axis(self.axis, at.x)}, function="F.softmax")
