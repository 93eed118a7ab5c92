"""Pools: windows that keep the largest number or the mean of what they see, and the pools over everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from netdsl.diagnostics import shapes, windows
from netdsl.ops.contract import EVERYWHERE, Misfit, Operation, ReceptiveStep, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule, one_or_all
from netdsl.ops.padding import is_even, is_padded, onnx_pad, open_same, padded, pool_pads, torch_pads, unpadded
from netdsl.ops.pool_windows import beyond, blind_misfit, open_ceil, whole_windows
from netdsl.ops.windows import Padding, Pairs, Sizes, Window
from netdsl.types.sizes import Size, always_at_least
from netdsl.types.tensors import TensorType


@operation
class Pool(Operation):
    """What both pools have: the window, and the rule for its places."""

    kernel: Sizes = parameter(doc="size of the window", minimum=1)
    stride: Sizes | None = parameter(None, doc="step of the window; the window's own size if not given", minimum=1)
    pad: Padding = parameter(0, doc="cells around the input: a number, one for each axis, (before, after), or `same`")
    ceil: bool = parameter(False, doc="whether a last window that reaches over the end counts")

    @property
    def step(self) -> Sizes:
        """The stride, given or not."""
        return self.stride or self.kernel

    @property
    def spacing(self) -> Sizes:
        """The distance of the window's cells."""
        return (1,) * len(self.kernel)

    def window(self, x: TensorType) -> Window | None:
        """The window with its padding in numbers; None where `same` hangs on an open size."""
        bare = Window(self.kernel, self.step, ((0, 0),) * x.rank, self.spacing, self.ceil)
        return padded(bare, self.pad, x)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank == 0:
            return Misfit(shapes.NeedsSpatialAxes(self.word, str(x)))
        window = self.window(x)
        if window is None:
            return Misfit(open_same(str(x), self.step), "pad")
        whole = whole_windows(window, x)
        if whole is None:
            return Misfit(open_ceil(str(x), self.step), "ceil")
        misfit = self._too_much_padding() or window.misfit(x) or blind_misfit(whole, x)
        return misfit or x.with_spatial(whole.places(x.spatial))

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        return self._window(at).needs(at.x)

    def mend(self, at: Site, wanted: TensorType) -> str | None:
        return self._window(at).mend(at.x, wanted.spatial)

    def reach(self, at: Site) -> ReceptiveStep:
        return self._window(at).reach()

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return self._window(at).arithmetic(at.x)

    def _window(self, at: Site) -> Window:
        window = self.window(at.x)
        assert window is not None, "the shape rule refuses an open `same`"
        return window

    def _whole(self, at: Site) -> Window:
        whole = whole_windows(self._window(at), at.x)
        assert whole is not None, "the shape rule refuses an open `ceil`"
        return whole

    def _too_much_padding(self) -> Misfit | None:
        if isinstance(self.pad, str):
            return None
        for kernel, pair in zip(self.kernel, self.pad, strict=True):
            if 2 * max(pair) > kernel:
                return Misfit(windows.PaddingTooLarge(max(pair), kernel), "pad")
        return None


@operation
class MaxPool(Pool):
    """The largest number in every window; padding never is the largest.

    ONNX `MaxPool`; PyTorch `nn.MaxPool1d`, `2d`, `3d`.
    """

    word = "maxpool"
    dilation: Sizes = parameter(1, doc="distance of the window's cells", minimum=1)

    @property
    def spacing(self) -> Sizes:
        return self.dilation

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        whole = self._whole(at)
        x, padding = graph.x, whole.padding
        # onnxruntime refuses padding of a whole kernel, which a wide window with holes can have.
        if any(max(pair) >= kernel for pair, kernel in zip(padding, self.kernel, strict=True)):
            x, padding = onnx_pad(graph, x, padding, float("-inf")), ((0, 0),) * at.x.rank
        window = {"kernel_shape": self.kernel, "strides": self.step, "dilations": self.dilation}
        return graph.node("MaxPool", x, **window, **pool_pads(padding))

    def pytorch(self, at: Site) -> TorchModule:
        window = self._window(at)
        narrow = all(2 * max(pair) <= kernel for pair, kernel in zip(window.padding, self.kernel, strict=True))
        inside = is_even(window.padding) and narrow
        shown = window if inside else unpadded(self._whole(at))
        return TorchModule(
            f"nn.MaxPool{at.x.rank}d",
            (one_or_all(self.kernel),),
            _changed(_torch_window(shown), {"dilation": (one_or_all(self.dilation), 1)}),
            function=f"F.max_pool{at.x.rank}d",
            padding=() if inside else torch_pads(self._whole(at).padding),
            padding_value=0.0 if inside else float("-inf"),
        )


@operation
class AveragePool(Pool):
    """The mean of every window. Padding is left out of it, or counts as zeros with `count_pad`.

    What `ceil` reads beyond the padding never counts. ONNX `AveragePool`; PyTorch `nn.AvgPool1d`, `2d`, `3d`.
    """

    word = "avgpool"
    count_pad: bool = parameter(False, doc="whether the mean counts the padding's zeros")

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        padding, whole = self._window(at).padding, self._whole(at).padding
        x, extra = graph.x, beyond(padding, whole)
        if self.count_pad and is_padded(extra):
            x, whole = onnx_pad(graph, x, padding, 0.0), extra
        counts = self.count_pad and x == graph.x
        window = {"kernel_shape": self.kernel, "strides": self.step, "count_include_pad": int(counts)}
        return graph.node("AveragePool", x, **window, **pool_pads(whole))

    def pytorch(self, at: Site) -> TorchModule:
        window, whole = self._window(at), self._whole(at)
        extra = beyond(window.padding, whole.padding)
        if is_even(window.padding) and not _refused_by_pytorch(window, at.x):
            return self._average(window)
        if not self.count_pad:
            return self._inner_average(whole.padding)
        average = self._inner_average(extra) if is_padded(extra) else self._average(unpadded(whole))
        return replace(average, padding=torch_pads(window.padding))

    def _average(self, window: Window) -> TorchModule:
        rank = len(self.kernel)
        counts = {"count_include_pad": (self.count_pad or not is_padded(window.padding), True)}
        keywords = _changed(_torch_window(window), counts)
        name = f"nn.AvgPool{rank}d"
        return TorchModule(name, (one_or_all(self.kernel),), keywords, function=f"F.avg_pool{rank}d")

    def _inner_average(self, padding: Pairs) -> TorchModule:
        positional = (one_or_all(self.kernel), one_or_all(self.step), torch_pads(padding))
        return TorchModule("InnerAvgPool", positional, support="inner_avg_pool.py")


class GlobalPool(Operation):
    """One number for each channel, from all its places; gives `Cx1x1` in every rank."""

    operator: ClassVar[str]
    torch_word: ClassVar[str]

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank == 0:
            return Misfit(shapes.NeedsSpatialAxes(self.word, str(x)))
        return x.with_spatial((1,) * x.rank)

    def reach(self, at: Site) -> ReceptiveStep:
        return EVERYWHERE

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node(self.operator, graph.x)

    def pytorch(self, at: Site) -> TorchModule:
        rank, word = at.x.rank, self.torch_word
        return TorchModule(
            f"nn.Adaptive{word.capitalize()}Pool{rank}d", (1,), function=f"F.adaptive_{word}_pool{rank}d"
        )


@operation
class GlobalAveragePool(GlobalPool):
    """The mean of each channel. ONNX `GlobalAveragePool`; PyTorch `nn.AdaptiveAvgPool2d(1)`."""

    word = "global_avgpool"
    operator = "GlobalAveragePool"
    torch_word = "avg"


@operation
class GlobalMaxPool(GlobalPool):
    """The largest number of each channel. ONNX `GlobalMaxPool`; PyTorch `nn.AdaptiveMaxPool2d(1)`."""

    word = "global_maxpool"
    operator = "GlobalMaxPool"
    torch_word = "max"


# ---- PyTorch's arguments ---------------------------------------------------------------------


def _torch_window(window: Window) -> dict[str, tuple[Any, Any]]:
    """The arguments that both pools have, with PyTorch's defaults."""
    return {
        "stride": (one_or_all(window.stride), one_or_all(window.kernel)),
        "padding": (one_or_all(tuple(before for before, _ in window.padding)), 0),
        "ceil_mode": (window.ceil, False),
    }


def _refused_by_pytorch(window: Window, x: TensorType) -> bool:
    """Whether `nn.AvgPool3d` takes the input for too small: it does not count the padding, as all others do."""
    fits = (always_at_least(size, kernel) for size, kernel in zip(x.spatial, window.kernel, strict=True))
    return x.rank == 3 and is_padded(window.padding) and not all(fits)


def _changed(*arguments: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """The arguments that differ from their defaults."""
    return {name: value for table in arguments for name, (value, default) in table.items() if value != default}
