"""Padding per axis in the forms that ONNX and PyTorch have for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from netdsl.diagnostics import shapes
from netdsl.diagnostics.core import Fact
from netdsl.ops.axes import lines_by_axis
from netdsl.ops.lowering import OnnxRecorder
from netdsl.ops.windows import Padding, Pairs, Sizes, Window, same_padding
from netdsl.types.sizes import Size
from netdsl.types.tensors import TensorType, term_words

_FIRST_OPSET_WITH_AXES = 18
# Nothing is added to the batch and to the channels.
_WHOLE: Pairs = ((0, 0), (0, 0))


def is_even(pairs: Pairs) -> bool:
    """Whether every axis has as much before as after, which is all that PyTorch's layers can express."""
    return all(before == after for before, after in pairs)


def is_padded(pairs: Pairs) -> bool:
    """Whether there is any padding."""
    return any(map(any, pairs))


def padded(window: Window, pad: Padding, x: TensorType) -> Window | None:
    """The window with its padding in numbers; None where `same` hangs on an open size."""
    pairs = same_padding(x.spatial, window.extent, window.stride) if isinstance(pad, str) else pad
    return replace(window, padding=pairs) if pairs is not None else None


def unpadded(window: Window) -> Window:
    """The window over an input whose padding has been added beforehand."""
    return replace(window, padding=((0, 0),) * len(window.kernel))


def open_same(tensor: str, stride: Sizes) -> Fact:
    """Why `same` cannot be told of an open size."""
    step = max(stride)
    return shapes.NeedsKnownSize(
        "same",
        f"what the sizes leave when divided by {step}",
        f"open in {tensor}",
        f"declare the sizes as multiples (`{step}*H`), or write the padding as a number",
    )


def sums_by_axis(x: TensorType, cells: Iterable[tuple[Size, Size]], sign: str) -> tuple[str, ...]:
    """What cells before and behind make of every axis, added (`+`) or taken away (`-`): `224 + 3 + 3 = 230`."""
    lines = []
    for size, (before, after) in zip(x.spatial, cells, strict=True):
        total = size + before + after if sign == "+" else size - before - after
        lines.append(f"{size} {sign} {term_words(before)} {sign} {term_words(after)} = {total}")
    return lines_by_axis(x.rank, lines)


# ---- ONNX ------------------------------------------------------------------------------------


def onnx_pads(pairs: Pairs) -> list[int]:
    """What stands before every axis, then what stands after every axis."""
    return [before for before, _ in pairs] + [after for _, after in pairs]


def onnx_pad(graph: OnnxRecorder, x: str, pairs: Pairs, value: float) -> str:
    """Record a `Pad` of the spatial axes with cells of one value.

    It names its axes, although they are all but the first two: onnxruntime moves a `Pad` of zeros into the pool
    behind it, where padding means something else, unless the `Pad` names its axes. Below opset 18 it cannot; there
    zeros are added under one more axis, which keeps the pool from being the next node.
    """
    if graph.opset >= _FIRST_OPSET_WITH_AXES:
        pads, axes = graph.integers(*onnx_pads(pairs)), graph.integers(*range(2, 2 + len(pairs)))
        return graph.node("Pad", x, pads, graph.scalar(value), axes)
    if value:
        return graph.node("Pad", x, graph.integers(*onnx_pads((*_WHOLE, *pairs))), graph.scalar(value))
    last = graph.integers(2 + len(pairs))
    lifted = graph.node("Unsqueeze", x, last)
    wider = graph.node("Pad", lifted, graph.integers(*onnx_pads((*_WHOLE, *pairs, (0, 0)))), graph.scalar(value))
    return graph.node("Squeeze", wider, last)


def onnx_pad_channels(graph: OnnxRecorder, x: str, before: int, after: int, rank: int) -> str:
    """Record a `Pad` of the channels with zeros; `rank` is how many spatial axes there are."""
    if graph.opset >= _FIRST_OPSET_WITH_AXES:
        return graph.node("Pad", x, graph.integers(before, after), graph.scalar(0.0), graph.integers(1))
    none = (0,) * rank
    return graph.node("Pad", x, graph.integers(0, before, *none, 0, after, *none), graph.scalar(0.0))


def onnx_pad_by(graph: OnnxRecorder, x: str, before: str, after: str, value: float, rank: int) -> str:
    """Record a `Pad` of the spatial axes by vectors that are found when the net runs."""
    if graph.opset >= _FIRST_OPSET_WITH_AXES:
        pads = graph.node("Concat", before, after, axis=0)
        return graph.node("Pad", x, pads, graph.scalar(value), graph.integers(*range(2, 2 + rank)))
    none = graph.integers(0, 0)
    return graph.node("Pad", x, graph.node("Concat", none, before, none, after, axis=0), graph.scalar(value))


def onnx_pad_with_own(graph: OnnxRecorder, x: str, pairs: Pairs, mode: str) -> str:
    """Record a `Pad` of the spatial axes with the tensor's own numbers, in ONNX's mode `reflect` or `edge`."""
    return graph.node("Pad", x, graph.integers(*onnx_pads((*_WHOLE, *pairs))), mode=mode)


def pool_pads(pairs: Pairs) -> dict[str, Any]:
    """The attributes for a pool's padding.

    A pool without any says so with `VALID`: to `pads`, onnxruntime would add what a `Pad` before the pool has.
    """
    return {"pads": onnx_pads(pairs)} if is_padded(pairs) else {"auto_pad": "VALID"}


# ---- PyTorch ---------------------------------------------------------------------------------


def torch_pads(pairs: Pairs) -> tuple[int, ...]:
    """The order of `F.pad`: the last axis first, (before, after) for each."""
    return tuple(cells for pair in reversed(pairs) for cells in pair)
