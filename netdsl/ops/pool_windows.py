"""The windows of pools: rounding up told as padding, and windows that see nothing."""

from __future__ import annotations

from dataclasses import replace

from netdsl.diagnostics import shapes, windows
from netdsl.diagnostics.core import Fact
from netdsl.ops.contract import Misfit
from netdsl.ops.windows import Pairs, Sizes, Window
from netdsl.types.sizes import always_at_least, is_open
from netdsl.types.tensors import TensorType, axis_name


def whole_windows(window: Window, x: TensorType) -> Window | None:
    """The same places without `ceil`, with padding at the end instead; None where that hangs on an open size.

    ONNX's shape inference and the runtimes disagree on `ceil_mode`, and agree on padding.
    """
    if not window.ceil:
        return window
    padding = []
    for size, extent, stride, (before, after) in zip(
        x.spatial, window.extent, window.stride, window.padding, strict=True
    ):
        over = -(size + before + after - extent) % stride
        if is_open(over):
            return None
        end = after + int(over)  # type: ignore[arg-type]
        # A window that lies outside altogether is none; it would reach over the end by all of its extent.
        padding.append((before, end if end < extent else after))
    return replace(window, padding=tuple(padding), ceil=False)


def beyond(padding: Pairs, whole: Pairs) -> Pairs:
    """What `ceil` adds at the end of each axis, from the padding without and with it."""
    return tuple((0, end - after) for (_, after), (_, end) in zip(padding, whole, strict=True))


def open_ceil(tensor: str, stride: Sizes) -> Fact:
    """Why `ceil` cannot be told of an open size."""
    step = max(stride)
    return shapes.NeedsKnownSize(
        "ceil",
        f"what the sizes leave when divided by {step}",
        f"open in {tensor}",
        f"declare the sizes as multiples (`{step}*H`), or leave `ceil` out",
    )


def blind_misfit(window: Window, x: TensorType) -> Misfit | None:
    """Why a pool has windows that see nothing but padding, if it has."""
    for axis, size in enumerate(x.spatial):
        if _sees_only_padding(window, x, axis):
            name = axis_name(x.rank, axis)
            fact = windows.WindowSeesOnlyPadding(name, window.kernel[axis], window.dilation[axis], str(size))
            return Misfit(fact, "dilation")
    return None


def _sees_only_padding(window: Window, x: TensorType, axis: int) -> bool:
    """Whether a window has the whole input in one of its holes; for an open size, whether it could have.

    Padding is at most half of the window, so only the hole in its middle can reach around the input, and it does so
    first in the windows in the middle.
    """
    size, kernel, dilation = x.spatial[axis], window.kernel[axis], window.dilation[axis]
    before, after = window.padding[axis]
    if kernel % 2 or not before + after or always_at_least(size, dilation):
        return False
    if not isinstance(size, int):
        return True
    last = int(window.places(x.spatial)[axis]) - 1  # type: ignore[arg-type]
    starts = [place * window.stride[axis] - before for place in (last // 2, (last + 1) // 2)]
    left_cells = [start + (kernel // 2 - 1) * dilation for start in starts]
    return any(cell < 0 and cell + dilation >= size for cell in left_cells)
