"""Normalisations of every example by itself, which are the same in training and afterwards."""

from __future__ import annotations

from math import prod
from typing import Any

from netdsl.diagnostics import operations, shapes
from netdsl.ops.channels import channel_count, group_misfit, open_channels_misfit
from netdsl.ops.contract import EVERYWHERE, Misfit, Operation, ReceptiveStep, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.types.sizes import Size, always_at_least, is_open
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import Constant

_FIRST_OPSET_WITH_RMS = 23
_FIRST_OPSET_WITH_AXES_AS_INPUT = 18


@operation
class LayerNorm(Operation):
    """`(x - mean) / sqrt(variance + eps) * weight + bias` over the channels of each place.

    For a vector these are all of its numbers; for a picture it is what ConvNeXt does (Liu et al. 2022), not the
    normalisation over channels and places together. Ba et al. 2016; ONNX `LayerNormalization`; PyTorch `nn.LayerNorm`.
    """

    word = "layer_norm"
    eps: float = parameter(1e-5, doc="what is added to the variance", above=0)
    affine: bool = parameter(True, doc="whether every channel has a factor and a summand of its own")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return open_channels_misfit(self.word, x) or x

    def weights(self, at: Site) -> tuple[Weight, ...]:
        return _affine(channel_count(at.x)) if self.affine else ()

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        factors = list(graph.weights.values()) or [graph.floats((1.0,) * channel_count(at.x))]
        x = _channels_last(graph, graph.x, at.x.rank)
        y = graph.node("LayerNormalization", x, *factors, axis=-1, epsilon=self.eps)
        return _channels_first(graph, y, at.x.rank)

    def pytorch(self, at: Site) -> TorchModule:
        keywords = _changed({"eps": (self.eps, 1e-5), "elementwise_affine": (self.affine, True)})
        if at.x.rank == 0:
            return TorchModule("nn.LayerNorm", (channel_count(at.x),), keywords)
        return TorchModule("ChannelLayerNorm", (channel_count(at.x),), keywords, support="channel_layer_norm.py")


@operation
class RootMeanSquareNorm(Operation):
    """`x / sqrt(mean(x^2) + eps) * weight` over the channels of each place.

    Zhang and Sennrich 2019; ONNX `RMSNormalization`, in its parts below opset 23; PyTorch `nn.RMSNorm`.
    """

    word = "rms_norm"
    eps: float = parameter(1e-6, doc="what is added to the mean of the squares", above=0)
    affine: bool = parameter(True, doc="whether every channel has a factor of its own")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return open_channels_misfit(self.word, x) or x

    def weights(self, at: Site) -> tuple[Weight, ...]:
        return _affine(channel_count(at.x))[:1] if self.affine else ()

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        if graph.opset < _FIRST_OPSET_WITH_RMS:
            return _by_channel(graph, "Mul", self._even(graph), next(iter(graph.weights.values()), None), at.x.rank)
        factor = next(iter(graph.weights.values()), None) or graph.floats((1.0,) * channel_count(at.x))
        x = _channels_last(graph, graph.x, at.x.rank)
        y = graph.node("RMSNormalization", x, factor, axis=-1, epsilon=self.eps)
        return _channels_first(graph, y, at.x.rank)

    def pytorch(self, at: Site) -> TorchModule:
        # PyTorch's own default hangs on the type of the numbers, so eps is always written.
        keywords = {"eps": self.eps, **_changed({"elementwise_affine": (self.affine, True)})}
        if at.x.rank == 0:
            return TorchModule("nn.RMSNorm", (channel_count(at.x),), keywords)
        return TorchModule("ChannelRMSNorm", (channel_count(at.x),), keywords, support="channel_rms_norm.py")

    def _even(self, graph: OnnxRecorder) -> str:
        """The numbers divided by the root of their mean square."""
        squares = _mean(graph, graph.node("Mul", graph.x, graph.x), 1)
        root = graph.node("Sqrt", graph.node("Add", squares, graph.scalar(self.eps)))
        return graph.node("Div", graph.x, root)


@operation
class GroupNorm(Operation):
    """`(x - mean) / sqrt(variance + eps) * weight + bias` over all places of a group of channels.

    Wu and He 2018; PyTorch `nn.GroupNorm`. In ONNX by its formula: shape inference knows nothing of
    `GroupNormalization`, whose weights belong to groups before opset 21 and to channels since.
    """

    word = "group_norm"
    groups: int = parameter(doc="parts that the channels are split into; 32 in the paper", minimum=1)
    eps: float = parameter(1e-5, doc="what is added to the variance", above=0)
    affine: bool = parameter(True, doc="whether every channel has a factor and a summand of its own")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        misfit = open_channels_misfit(self.word, x)
        misfit = misfit or group_misfit(self.groups, channel_count(x), channel_count(x))
        if misfit is None and self._numbers(x) == 1:
            return Misfit(operations.OneNumberHasNoSpread(self.word, "each group", str(x)), "groups")
        return misfit or x

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        return _two_of(self._numbers(at.x))

    def weights(self, at: Site) -> tuple[Weight, ...]:
        return _affine(channel_count(at.x)) if self.affine else ()

    def reach(self, at: Site) -> ReceptiveStep:
        return EVERYWHERE

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        channels = channel_count(at.x) // self.groups
        centred = graph.node("Sub", graph.x, self._mean(graph, graph.x, at.x.rank, channels))
        squares = graph.node("Mul", centred, centred)
        return _divided(graph, centred, self._mean(graph, squares, at.x.rank, channels), self.eps, at.x.rank)

    def pytorch(self, at: Site) -> TorchModule:
        keywords = _changed({"eps": (self.eps, 1e-5), "affine": (self.affine, True)})
        return TorchModule("nn.GroupNorm", (self.groups, channel_count(at.x)), keywords)

    def _mean(self, graph: OnnxRecorder, x: str, rank: int, channels: int) -> str:
        """The mean of each group, for every channel that it has; all have as many places."""
        mean = _mean_of_places(graph, x, rank)
        if channels == 1:
            return mean
        grouped = graph.node("Reshape", mean, graph.integers(0, self.groups, channels))
        for_all = graph.node("Expand", _mean(graph, grouped, 2), graph.integers(1, self.groups, channels))
        return graph.node("Reshape", for_all, graph.integers(0, self.groups * channels, *(1,) * rank))

    def _numbers(self, x: TensorType) -> Size:
        """How many numbers a group has."""
        return prod(x.spatial, start=channel_count(x) // self.groups)


@operation
class InstanceNorm(Operation):
    """`(x - mean) / sqrt(variance + eps)` over all places of each channel.

    Ulyanov et al. 2016; PyTorch `nn.InstanceNorm1d`, `2d`, `3d`. In ONNX by its formula: `InstanceNormalization` loses
    two digits in onnxruntime on a picture of 240x240 behind a ReLU, and four on a larger one.
    """

    word = "instance_norm"
    eps: float = parameter(1e-5, doc="what is added to the variance", above=0)
    affine: bool = parameter(False, doc="whether every channel has a factor and a summand of its own")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank == 0:
            return Misfit(shapes.NeedsSpatialAxes(self.word, str(x)))
        if all(size == 1 for size in x.spatial):
            return Misfit(operations.OneNumberHasNoSpread(self.word, "the places of each channel", str(x)))
        return open_channels_misfit(self.word, x) or x

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        return _two_of(prod(at.x.spatial, start=1))

    def weights(self, at: Site) -> tuple[Weight, ...]:
        return _affine(channel_count(at.x)) if self.affine else ()

    def reach(self, at: Site) -> ReceptiveStep:
        return EVERYWHERE

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        centred = graph.node("Sub", graph.x, _mean_of_places(graph, graph.x, at.x.rank))
        variance = _mean_of_places(graph, graph.node("Mul", centred, centred), at.x.rank)
        return _divided(graph, centred, variance, self.eps, at.x.rank)

    def pytorch(self, at: Site) -> TorchModule:
        keywords = _changed({"eps": (self.eps, 1e-5), "affine": (self.affine, False)})
        return TorchModule(f"nn.InstanceNorm{at.x.rank}d", (channel_count(at.x),), keywords)


def _affine(channels: int) -> tuple[Weight, Weight]:
    """A factor and a summand for each channel, which change nothing at first."""
    return Weight("weight", (channels,), Constant(1.0)), Weight("bias", (channels,), Constant(0.0))


def _two_of(numbers: Size) -> tuple[tuple[Size, int], ...]:
    """That an open number of numbers is two or more."""
    return ((numbers, 2),) if is_open(numbers) and not always_at_least(numbers, 2) else ()


def _changed(arguments: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """The arguments that differ from PyTorch's defaults."""
    return {name: value for name, (value, default) in arguments.items() if value != default}


# ---- ONNX ------------------------------------------------------------------------------------


def _mean(graph: OnnxRecorder, x: str, axis: int) -> str:
    """The mean over an axis, which stays with the size 1."""
    if graph.opset < _FIRST_OPSET_WITH_AXES_AS_INPUT:
        return graph.node("ReduceMean", x, axes=[axis])
    return graph.node("ReduceMean", x, graph.integers(axis))


def _mean_of_places(graph: OnnxRecorder, x: str, rank: int) -> str:
    """The mean of each channel, one axis after the other: onnxruntime adds up in a row, and long rows lose digits."""
    for axis in range(1 + rank, 1, -1):
        x = _mean(graph, x, axis)
    return x


def _divided(graph: OnnxRecorder, centred: str, variance: str, eps: float, rank: int) -> str:
    """`centred / sqrt(variance + eps)`, then every channel times its factor and plus its summand, if there are any."""
    y = graph.node("Div", centred, graph.node("Sqrt", graph.node("Add", variance, graph.scalar(eps))))
    for operator, factor in zip(("Mul", "Add"), graph.weights.values(), strict=False):
        y = _by_channel(graph, operator, y, factor, rank)
    return y


def _by_channel(graph: OnnxRecorder, operator: str, x: str, factor: str | None, rank: int) -> str:
    """Every channel times its factor, or plus its summand, if there is one."""
    if factor is None:
        return x
    if rank:
        factor = graph.node("Unsqueeze", factor, graph.integers(*range(1, 1 + rank)))
    return graph.node(operator, x, factor)


def _channels_last(graph: OnnxRecorder, x: str, rank: int) -> str:
    return graph.node("Transpose", x, perm=[0, *range(2, 2 + rank), 1]) if rank else x


def _channels_first(graph: OnnxRecorder, x: str, rank: int) -> str:
    return graph.node("Transpose", x, perm=[0, 1 + rank, *range(1, 1 + rank)]) if rank else x
