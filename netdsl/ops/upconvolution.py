"""Transposed convolutions."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from netdsl.diagnostics import shapes, windows
from netdsl.ops.axes import lines_by_axis
from netdsl.ops.channels import channel_count, group_misfit, open_channels_misfit
from netdsl.ops.contract import Misfit, Operation, Reach, ReceptiveStep, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule, one_or_all
from netdsl.ops.windows import Sizes
from netdsl.types.sizes import Size, always_at_least, is_open, never_at_least
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import pytorch_default


@operation
class UpConvolution(Operation):
    """A transposed convolution: every input adds a weighted window to the output, `stride` cells from the next.

    1-D, 2-D or 3-D by the tensor. Dumoulin and Visin 2016, section 4; ONNX `ConvTranspose`; PyTorch
    `nn.ConvTranspose1d`, `2d`, `3d`.
    """

    word = "upconv"
    kernel: Sizes = parameter(doc="size of the window", minimum=1)
    channels: int = parameter(doc="output channels", minimum=1)
    stride: Sizes = parameter(1, doc="distance of the windows in the output", minimum=1)
    pad: Sizes = parameter(0, doc="cells cut off on both sides of every axis", minimum=0)
    output_pad: Sizes = parameter(0, doc="cells added at the end of every axis, fewer than the stride", minimum=0)
    dilation: Sizes = parameter(1, doc="distance of the window's cells", minimum=1)
    groups: int = parameter(1, doc="parts that the channels are split into", minimum=1)
    bias: bool = parameter(True, doc="whether every output channel adds a number of its own")

    @property
    def extent(self) -> Sizes:
        """The window's size with its holes: (kernel - 1) * dilation + 1."""
        return tuple((kernel - 1) * step + 1 for kernel, step in zip(self.kernel, self.dilation, strict=True))

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank == 0:
            return Misfit(shapes.NeedsSpatialAxes(self.word, str(x)))
        misfit = open_channels_misfit(self.word, x) or group_misfit(self.groups, channel_count(x), self.channels)
        if misfit is not None:
            return misfit
        for extra, stride in zip(self.output_pad, self.stride, strict=True):
            if extra >= stride:
                return Misfit(windows.OutputPadTooLarge(extra, stride), "output_pad")
        y = TensorType((self.channels, *self._sizes(x)))
        if any(never_at_least(size, 1) for size in y.spatial):
            return Misfit(shapes.SizeIsNotPositive(str(y)), "pad")
        return y

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        return tuple((size, 1) for size in at.y.spatial if is_open(size) and not always_at_least(size, 1))

    def weights(self, at: Site) -> tuple[Weight, ...]:
        shape = (channel_count(at.x), self.channels // self.groups, *self.kernel)
        # PyTorch takes the second axis for the inputs, although it holds the outputs here.
        scheme = pytorch_default(prod(shape[1:]))
        weight = Weight("weight", shape, scheme)
        return (weight, Weight("bias", (self.channels,), scheme)) if self.bias else (weight,)

    def macs(self, at: Site) -> Size:
        return at.x.elements * (self.channels // self.groups) * prod(self.kernel)

    def reach(self, at: Site) -> ReceptiveStep:
        window = tuple(-(-extent // stride) for extent, stride in zip(self.extent, self.stride, strict=True))
        # One step in the output is a part of a step in the input.
        stride = tuple(Fraction(1, stride) for stride in self.stride)
        settings = zip(self.extent, self.pad, self.stride, strict=True)
        before = tuple((extent - 1 - pad) // step for extent, pad, step in settings)
        return Reach(window, stride, before)  # type: ignore[arg-type]

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        lines = []
        for axis, (size, places) in enumerate(zip(at.x.spatial, at.y.spatial, strict=True)):
            cut = f" - 2*{self.pad[axis]}" if self.pad[axis] else ""
            extra = f" + {self.output_pad[axis]}" if self.output_pad[axis] else ""
            lines.append(f"({size} - 1) * {self.stride[axis]} + {self._extent_words(axis)}{cut}{extra} = {places}")
        return lines_by_axis(at.x.rank, lines)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node(
            "ConvTranspose",
            graph.x,
            *graph.weights.values(),
            kernel_shape=self.kernel,
            strides=self.stride,
            pads=self.pad * 2,
            dilations=self.dilation,
            output_padding=self.output_pad,
            group=self.groups,
        )

    def pytorch(self, at: Site) -> TorchModule:
        keywords = {
            "kernel_size": (one_or_all(self.kernel), None),
            "stride": (one_or_all(self.stride), 1),
            "padding": (one_or_all(self.pad), 0),
            "output_padding": (one_or_all(self.output_pad), 0),
            "dilation": (one_or_all(self.dilation), 1),
            "groups": (self.groups, 1),
            "bias": (self.bias, True),
        }
        return TorchModule(
            f"nn.ConvTranspose{at.x.rank}d",
            (channel_count(at.x), self.channels),
            {name: value for name, (value, default) in keywords.items() if value != default},
        )

    def _sizes(self, x: TensorType) -> tuple[Size, ...]:
        settings = zip(x.spatial, self.stride, self.extent, self.pad, self.output_pad, strict=True)
        return tuple((size - 1) * stride + extent - 2 * pad + extra for size, stride, extent, pad, extra in settings)

    def _extent_words(self, axis: int) -> str:
        kernel, step = self.kernel[axis], self.dilation[axis]
        return str(kernel) if step == 1 else f"({kernel} - 1) * {step} + 1"
