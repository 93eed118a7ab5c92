"""Convolutions."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from netdsl.diagnostics import windows
from netdsl.diagnostics.core import Fact
from netdsl.ops.channels import channel_count, group_misfit, open_channels_misfit
from netdsl.ops.contract import Misfit, Operation, ReceptiveStep, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule, one_or_all
from netdsl.ops.padding import is_even, is_padded, onnx_pads, open_same, padded, torch_pads
from netdsl.ops.windows import Padding, Sizes, Window
from netdsl.types.sizes import Size
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import pytorch_default


@operation
class Convolution(Operation):
    """A window that slides over every spatial axis and makes `channels` weighted sums at every place.

    1-D, 2-D or 3-D by the tensor. Dumoulin and Visin 2016; ONNX `Conv`; PyTorch `nn.Conv1d`, `2d`, `3d`.
    """

    word = "conv"
    kernel: Sizes = parameter(doc="size of the window", minimum=1)
    channels: int = parameter(doc="output channels", minimum=1)
    stride: Sizes = parameter(1, doc="step of the window", minimum=1)
    pad: Padding = parameter(0, doc="zeros around the input: a number, one for each axis, (before, after), or `same`")
    dilation: Sizes = parameter(1, doc="distance of the window's cells", minimum=1)
    groups: int = parameter(1, doc="parts that the channels are split into", minimum=1)
    bias: bool = parameter(True, doc="whether every output channel adds a number of its own")
    causal: bool = parameter(False, doc="whether it sees the present and the past only: all padding stands before")

    def window(self, x: TensorType) -> Window | None:
        """The window with its padding in numbers; None where `same` hangs on an open size."""
        bare = Window(self.kernel, self.stride, ((0, 0),) * x.rank, self.dilation)
        if self.causal:
            return replace(bare, padding=tuple((extent - 1, 0) for extent in bare.extent))
        return padded(bare, self.pad, x)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        misfit = open_channels_misfit(self.word, x) or group_misfit(self.groups, channel_count(x), self.channels)
        misfit = misfit or (self._causal_misfit(x) if self.causal else None)
        if misfit is not None:
            return misfit
        window = self.window(x)
        if window is None:
            return Misfit(open_same(str(x), self.stride), "pad")
        return window.misfit(x) or TensorType((self.channels, *window.places(x.spatial)))

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        return self._window(at).needs(at.x)

    def mend(self, at: Site, wanted: TensorType) -> str | None:
        if wanted == at.y.with_channels(wanted.channels):
            return f"`x{wanted.channels}` gives {wanted}"
        return self._window(at).mend(at.x, wanted.spatial)

    def warning(self, at: Site) -> Fact | None:
        window = self._window(at)
        if any(extent < stride for extent, stride in zip(window.extent, self.stride, strict=True)):
            return None  # It leaves cells out everywhere, which is meant.
        unread = window.unread_words(at.x)
        if unread is None or any(max(pair) for pair in window.padding):
            return None
        fits = "x".join(map(str, window.inverse(tuple(int(size) + 1 for size in at.y.spatial))))  # type: ignore[arg-type]
        return windows.BorderNeverRead(
            f"{'; '.join(window.arithmetic(at.x))}: {unread}", f"an input of {fits} comes out even"
        )

    def weights(self, at: Site) -> tuple[Weight, ...]:
        shape = (self.channels, channel_count(at.x) // self.groups, *self.kernel)
        scheme = pytorch_default(prod(shape[1:]))
        weight = Weight("weight", shape, scheme)
        return (weight, Weight("bias", (self.channels,), scheme)) if self.bias else (weight,)

    def macs(self, at: Site) -> Size:
        return at.y.elements * (channel_count(at.x) // self.groups) * prod(self.kernel)

    def reach(self, at: Site) -> ReceptiveStep:
        return self._window(at).reach()

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return self._window(at).arithmetic_with_rest(at.x)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        window = self._window(at)
        return graph.node(
            "Conv",
            graph.x,
            *graph.weights.values(),
            kernel_shape=self.kernel,
            strides=self.stride,
            dilations=self.dilation,
            pads=onnx_pads(window.padding),
            group=self.groups,
        )

    def pytorch(self, at: Site) -> TorchModule:
        pairs = self._window(at).padding
        even = is_even(pairs)
        keywords = {
            "kernel_size": (one_or_all(self.kernel), None),
            "stride": (one_or_all(self.stride), 1),
            "padding": (one_or_all(tuple(before for before, _ in pairs)) if even else 0, 0),
            "dilation": (one_or_all(self.dilation), 1),
            "groups": (self.groups, 1),
            "bias": (self.bias, True),
        }
        return TorchModule(
            f"nn.Conv{at.x.rank}d",
            (at.x.channels, self.channels),
            {name: value for name, (value, default) in keywords.items() if value != default},
            padding=() if even else torch_pads(pairs),
        )

    def _window(self, at: Site) -> Window:
        window = self.window(at.x)
        assert window is not None, "the shape rule refuses an open `same`"
        return window

    def _causal_misfit(self, x: TensorType) -> Misfit | None:
        if x.rank != 1:
            return Misfit(windows.CausalNeedsLength(str(x), x.rank), "causal")
        if isinstance(self.pad, str) or is_padded(self.pad):
            extent = (self.kernel[0] - 1) * self.dilation[0] + 1
            return Misfit(windows.CausalPadsItself(extent), "pad")
        return None
