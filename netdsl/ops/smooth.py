"""Smooth activations, and the straight lines that stand in for some of them on small devices."""

from __future__ import annotations

from math import pi, sqrt
from typing import ClassVar

from netdsl.ops.activation import Activation
from netdsl.ops.contract import Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule

EXACT = "none"
TANH = "tanh"
_FIRST_OPSET_WITH_GELU = 20
_FIRST_OPSET_WITH_MISH = 18


@operation
class Softplus(Activation):
    """`log(1 + exp(beta * x)) / beta`, a smooth `relu`. Dugas et al. 2000; ONNX `Softplus`; PyTorch `nn.Softplus`."""

    word = "softplus"
    module, function = "nn.Softplus", "F.softplus"
    beta: float = parameter(1.0, doc="how sharply it bends at 0", above=0)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        if self.beta == 1:
            return graph.node("Softplus", graph.x)
        steeper = graph.node("Mul", graph.x, graph.scalar(self.beta))
        return graph.node("Div", graph.node("Softplus", steeper), graph.scalar(self.beta))


@operation
class Silu(Activation):
    """`x * sigmoid(x)`, also called swish. Hendrycks and Gimpel 2016, Ramachandran et al. 2017; PyTorch `nn.SiLU`."""

    word = "silu"
    module, function = "nn.SiLU", "F.silu"

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node("Mul", graph.x, graph.node("Sigmoid", graph.x))


@operation
class Gelu(Activation):
    """`x` times the part of the normal distribution below `x`. Hendrycks and Gimpel 2016.

    With `approximate=tanh`, `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`, which is up to 5e-4 off.
    ONNX `Gelu`, in its parts below opset 20; PyTorch `nn.GELU`.
    """

    word = "gelu"
    approximate: str = parameter(EXACT, doc="whether `tanh` stands for the normal distribution", choices=(EXACT, TANH))

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        if graph.opset >= _FIRST_OPSET_WITH_GELU:
            return graph.node("Gelu", graph.x, approximate=self.approximate)
        part = self._tanh(graph) if self.approximate == TANH else self._erf(graph)
        half = graph.node("Mul", graph.x, graph.scalar(0.5))
        return graph.node("Mul", half, graph.node("Add", part, graph.scalar(1.0)))

    def pytorch(self, at: Site) -> TorchModule:
        keywords = {} if self.approximate == EXACT else {"approximate": self.approximate}
        return TorchModule("nn.GELU", (), keywords, function="F.gelu")

    def _erf(self, graph: OnnxRecorder) -> str:
        """`erf(x / sqrt(2))`."""
        return graph.node("Erf", graph.node("Mul", graph.x, graph.scalar(sqrt(0.5))))

    def _tanh(self, graph: OnnxRecorder) -> str:
        """`tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))`."""
        cube = graph.node("Pow", graph.x, graph.scalar(3.0))
        inner = graph.node("Add", graph.x, graph.node("Mul", cube, graph.scalar(0.044715)))
        return graph.node("Tanh", graph.node("Mul", inner, graph.scalar(sqrt(2 / pi))))


@operation
class Mish(Activation):
    """`x * tanh(softplus(x))`. Misra 2019; ONNX `Mish`, in its parts below opset 18; PyTorch `nn.Mish`."""

    word = "mish"
    operator, module, function = "Mish", "nn.Mish", "F.mish"

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        if graph.opset >= _FIRST_OPSET_WITH_MISH:
            return graph.node("Mish", graph.x)
        return graph.node("Mul", graph.x, graph.node("Tanh", graph.node("Softplus", graph.x)))


@operation
class Selu(Activation):
    """`elu` with two constants that keep mean 0 and variance 1 in deep nets. Klambauer et al. 2017, section 2.

    ONNX `Selu`; PyTorch `nn.SELU`.
    """

    word = "selu"
    operator, module, function = "Selu", "nn.SELU", "F.selu"
    constants: ClassVar = {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}


@operation
class Celu(Activation):
    """`x` where it is positive, `alpha * (exp(x / alpha) - 1)` elsewhere, which has no kink at 0. Barron 2017.

    ONNX `Celu`; PyTorch `nn.CELU`.
    """

    word = "celu"
    operator, module, function = "Celu", "nn.CELU", "F.celu"
    alpha: float = parameter(1.0, doc="what very negative numbers approach, below zero", above=0)


@operation
class HardSigmoid(Activation):
    """`x / 6 + 1 / 2`, cut off at 0 and 1: a `sigmoid` of straight lines. Howard et al. 2019 (MobileNetV3).

    ONNX `HardSigmoid`, whose own slope is 0.2; PyTorch `nn.Hardsigmoid`.
    """

    word = "hard_sigmoid"
    operator, module, function = "HardSigmoid", "nn.Hardsigmoid", "F.hardsigmoid"
    constants: ClassVar = {"alpha": 1 / 6, "beta": 0.5}


@operation
class HardSwish(Activation):
    """`x * hard_sigmoid(x)`. Howard et al. 2019 (MobileNetV3); ONNX `HardSwish`; PyTorch `nn.Hardswish`."""

    word = "hard_swish"
    operator, module, function = "HardSwish", "nn.Hardswish", "F.hardswish"
