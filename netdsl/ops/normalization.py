"""Normalisations: over a batch, over neighbouring channels, and by fixed numbers."""

from __future__ import annotations

from decimal import Decimal

from netdsl.diagnostics import shapes, windows
from netdsl.ops.channels import channel_count, open_channels_misfit
from netdsl.ops.contract import Misfit, Operation, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import Constant

_END = 2**63 - 1


@operation
class BatchNorm(Operation):
    """`(x - mean) / sqrt(variance + eps) * weight + bias` for each channel.

    Mean and variance are those of the batch in training, and a running average of them afterwards, of which every
    batch makes up the part `momentum` (PyTorch's convention; ONNX and Keras give the part that is kept). Ioffe and
    Szegedy 2015; ONNX `BatchNormalization`; PyTorch `nn.BatchNorm1d`, `2d`, `3d`.
    """

    word = "bn"
    eps: float = parameter(1e-5, doc="what is added to the variance", above=0)
    momentum: float = parameter(0.1, doc="weight of the newest batch in the running averages", minimum=0, maximum=1)
    affine: bool = parameter(True, doc="whether every channel has a factor and a summand of its own")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return open_channels_misfit(self.word, x) or x

    def weights(self, at: Site) -> tuple[Weight, ...]:
        shape, one, zero = (channel_count(at.x),), Constant(1.0), Constant(0.0)
        learned = (Weight("weight", shape, one), Weight("bias", shape, zero)) if self.affine else ()
        return (
            *learned,
            Weight("running_mean", shape, zero, trainable=False, buffer=True),
            Weight("running_var", shape, one, trainable=False, buffer=True),
        )

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        channels, given = channel_count(at.x), list(graph.weights.values())
        if not self.affine:
            given = [graph.floats((1.0,) * channels), graph.floats((0.0,) * channels), *given]
        kept = float(1 - Decimal(str(self.momentum)))
        return graph.node("BatchNormalization", graph.x, *given, epsilon=self.eps, momentum=kept)

    def pytorch(self, at: Site) -> TorchModule:
        settings = {"eps": (self.eps, 1e-5), "momentum": (self.momentum, 0.1), "affine": (self.affine, True)}
        keywords = {name: value for name, (value, default) in settings.items() if value != default}
        return TorchModule(f"nn.BatchNorm{max(at.x.rank, 1)}d", (channel_count(at.x),), keywords)


@operation
class LocalResponseNorm(Operation):
    """`x / (k + alpha * s) ** beta`, where `s` is the sum of the squares of the `size` channels around each.

    This is the formula of Krizhevsky et al. 2012, section 3.3, with its constants. Caffe, ONNX `LRN` and PyTorch
    `nn.LocalResponseNorm` divide alpha by the size, so their alpha is `alpha * size`.
    """

    word = "lrn"
    size: int = parameter(doc="number of channels, each in the middle of its own", minimum=1)
    alpha: float = parameter(1e-4, doc="factor of the sum of squares, not divided by the size")
    beta: float = parameter(0.75, doc="exponent")
    k: float = parameter(2.0, doc="what is added to the sum")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if self.size % 2 == 0:
            return Misfit(windows.WindowIsEven(self.word, self.size), "size")
        return Misfit(shapes.NeedsSpatialAxes(self.word, str(x))) if x.rank == 0 else x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        if at.x.rank == 2:
            return graph.node("LRN", graph.x, size=self.size, alpha=self._alpha, beta=self.beta, bias=self.k)
        return graph.node("Div", graph.x, self._denominator(graph, at.x.rank))

    def pytorch(self, at: Site) -> TorchModule:
        settings = {"alpha": (self._alpha, 1e-4), "beta": (self.beta, 0.75), "k": (self.k, 1.0)}
        keywords = {name: value for name, (value, default) in settings.items() if value != default}
        return TorchModule("nn.LocalResponseNorm", (self.size,), keywords, function="F.local_response_norm")

    @property
    def _alpha(self) -> float:
        """The factor of the mean of squares, without the noise that binary fractions would bring to `5 * 1e-4`."""
        return float(Decimal(str(self.alpha)) * self.size)

    def _denominator(self, graph: OnnxRecorder, rank: int) -> str:
        """The sum over channels by slices: onnxruntime has `LRN` for pictures only."""
        side, channels = self.size // 2, graph.integers(1)
        squares = graph.node("Mul", graph.x, graph.x)
        # All axes, since `Pad` has not named single ones before opset 18: batch, channels, and the rest.
        around = [0, side, *(0,) * rank]
        padded = graph.node("Pad", squares, graph.integers(*around, *around), graph.scalar(0.0))
        ends = (place - self.size + 1 for place in range(self.size))
        slices = [
            graph.node("Slice", padded, graph.integers(start), graph.integers(end or _END), channels)
            for start, end in enumerate(ends)
        ]
        scaled = graph.node("Mul", graph.node("Sum", *slices), graph.scalar(self.alpha))
        return graph.node("Pow", graph.node("Add", scaled, graph.scalar(self.k)), graph.scalar(self.beta))


@operation
class Normalize(Operation):
    """`(x - mean) / std` for each channel, by numbers of the data set, so that the net takes raw pictures."""

    word = "normalize"
    mean: tuple[float, ...] = parameter(doc="mean of each channel")
    std: tuple[float, ...] = parameter(doc="standard deviation of each channel", above=0)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        for name, numbers in (("mean", self.mean), ("std", self.std)):
            if len(numbers) != x.channels:
                fact = shapes.NumbersPerChannel(self.word, name, len(numbers), str(x.channels), str(x))
                return Misfit(fact, name)
        return x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        shape = (len(self.mean),) + (1,) * at.x.rank
        centred = graph.node("Sub", graph.x, graph.floats(self.mean, *shape))
        return graph.node("Div", centred, graph.floats(self.std, *shape))

    def pytorch(self, at: Site) -> TorchModule:
        return TorchModule("Normalize", (self.mean, self.std), support="normalize.py")
