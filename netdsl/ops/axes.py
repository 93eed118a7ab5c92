"""The words for axes to their places in a batch of tensors, and lines of words for each axis."""

from __future__ import annotations

from collections.abc import Iterable

from netdsl.diagnostics import shapes
from netdsl.ops.contract import Misfit
from netdsl.types.tensors import TensorType, axis_name

CHANNELS = "channels"
AXES = (CHANNELS, "depth", "height", "width", "length")


def axis_words(x: TensorType) -> tuple[str, ...]:
    """The words for a tensor's axes, the channels first."""
    return (CHANNELS, *(axis_name(x.rank, axis) for axis in range(x.rank)))


def no_such_axis(word: str, axis: str, x: TensorType) -> Misfit | None:
    """Why an operation cannot work along an axis, if the tensor does not have it."""
    words = axis_words(x)
    return None if axis in words else Misfit(shapes.NoSuchAxis(word, axis, str(x), words), "axis")


def place_of_axis(axis: str, x: TensorType) -> int:
    """The axis' number in a batch, where 0 is the batch itself and 1 the channels."""
    return 1 + axis_words(x).index(axis)


def lines_by_axis(rank: int, lines: Iterable[str]) -> tuple[str, ...]:
    """What is said of every spatial axis, once where all are alike, else with the names of those that are."""
    names: dict[str, list[str]] = {}
    for axis, line in enumerate(lines):
        names.setdefault(line, []).append(axis_name(rank, axis))
    if len(names) == 1:
        return tuple(names)
    return tuple(f"{' and '.join(alike)}: {line}" for line, alike in names.items())
