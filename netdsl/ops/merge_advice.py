"""Two shapes that differ to the words for when they agree, and the layer that would make them agree."""

from __future__ import annotations

from collections.abc import Sequence

from netdsl.ops.axes import CHANNELS, axis_words
from netdsl.types.sizes import Size, explain_equality, is_open
from netdsl.types.tensors import TensorType, shape_words

_LARGEST_STRIDE = 32


def when_equal(x: TensorType, other: TensorType, axes: Sequence[str]) -> str | None:
    """`only where 8 divides H`, for the first of the axes that is open; None for numbers."""
    if x.rank != other.rank:
        return None
    for name, one, two in zip(axis_words(x), x.shape, other.shape, strict=True):
        if name in axes and (is_open(one) or is_open(two)):
            agreement = explain_equality(one, two)
            return "at no size" if agreement.never else f"only where {agreement.words}"
    return None


def without_mismatch(x: TensorType, other: TensorType, axes: Sequence[str]) -> str | None:
    """The layer that makes one of the tensors agree with the other in these axes, if one does."""
    if x.rank != other.rank:
        return _of_other_ranks(x, other)
    differing = [index for index, name in enumerate(axis_words(x)) if name in axes]
    spatial = [index for index in differing if index > 0]
    if any(is_open(tensor.shape[index]) for tensor in (x, other) for index in differing):
        return None
    numbers = [(int(x.shape[index]), int(other.shape[index])) for index in spatial]  # type: ignore[arg-type]
    if any(one < two for one, two in numbers) and any(one > two for one, two in numbers):
        return None
    x_changes = any(one > two for one, two in numbers) or (not spatial and x.channels < other.channels)  # type: ignore[operator]
    source, target = (x, other) if x_changes else (other, x)
    layers = _layers(source, target, spatial, CHANNELS in axes)
    return f"{layers} on {source} makes it {_shape_after(source, target, differing)}" if layers else None


def _of_other_ranks(x: TensorType, other: TensorType) -> str | None:
    wider, vector = (x, other) if x.rank > other.rank else (other, x)
    if vector.rank:
        return None
    return f"`flatten` on {wider} makes it {wider.elements}, `global_avgpool -> flatten` {wider.channels}"


def _layers(source: TensorType, target: TensorType, spatial: Sequence[int], channels_differ: bool) -> str | None:
    """The layers, as the language writes them, that bring these axes of the source to the sizes of the target."""
    width = f" x{target.channels}"
    point = "x".join("1" * source.rank)
    if not spatial:
        return f"`conv {point}{width}`" if source.rank else f"`fc {target.channels}`"
    pairs = [(int(source.shape[index]), int(target.shape[index])) for index in spatial]  # type: ignore[arg-type]
    stride = _stride(pairs) if len(spatial) == source.rank else None
    if stride is not None:
        even = all(large % small == 0 for large, small in pairs)
        pool = f"maxpool {stride}" if even else f"maxpool {point}/{stride}"
        return f"`conv {point}/{stride}{width}`" if channels_differ else f"`{pool}`"
    crop = f"crop {_margin(source, target, spatial)}"
    return f"`{crop} -> conv {point}{width}`" if channels_differ else f"`{crop}`"


def _stride(pairs: Sequence[tuple[int, int]]) -> int | None:
    """The stride that makes all the larger sizes the smaller ones, with a window of 1."""
    strides = range(2, _LARGEST_STRIDE + 1)
    return next((stride for stride in strides if all(-(-large // stride) == small for large, small in pairs)), None)


def _margin(source: TensorType, target: TensorType, spatial: Sequence[int]) -> str:
    """The margin of `crop`: one number where all sides are alike, otherwise (before, after) for each axis."""
    extra = [
        int(source.shape[index] - target.shape[index]) if index in spatial else 0  # type: ignore[arg-type]
        for index in range(1, len(source.shape))
    ]
    if len(set(extra)) == 1 and extra[0] % 2 == 0:
        return str(extra[0] // 2)
    pairs = [f"({cells // 2}, {cells - cells // 2})" for cells in extra]
    return pairs[0] if len(pairs) == 1 else f"({', '.join(pairs)})"


def _shape_after(source: TensorType, target: TensorType, differing: Sequence[int]) -> str:
    sizes: list[Size] = [target.shape[index] if index in differing else size for index, size in enumerate(source.shape)]
    return shape_words(tuple(sizes))
