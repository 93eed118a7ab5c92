"""What operations need of a tensor's channels: a known number of them, and whole groups."""

from __future__ import annotations

from netdsl.diagnostics import shapes
from netdsl.ops.contract import Misfit
from netdsl.types.sizes import is_open
from netdsl.types.tensors import TensorType

_MOST_SHOWN = 12
_LARGEST_TRIED = 4096


def channel_count(x: TensorType) -> int:
    """The channels of a tensor that the shape rule has let pass, as a number."""
    assert isinstance(x.channels, int), "the shape rule refuses open channels"
    return x.channels


def open_channels_misfit(word: str, x: TensorType) -> Misfit | None:
    """Why an operation with weights for every channel cannot take a tensor, if its channels are open."""
    if not is_open(x.channels):
        return None
    advice = "write the channels as a number: `3xHxW`"
    return Misfit(shapes.NeedsKnownSize(word, "the number of channels", str(x.channels), advice))


def group_misfit(groups: int, inputs: int, outputs: int) -> Misfit | None:
    """Why channels cannot be split into groups, if they cannot."""
    for which, count in (("input", inputs), ("output", outputs)):
        if count % groups:
            return Misfit(shapes.GroupsDoNotDivide(groups, count, which, _divisors(count)), "groups")
    return None


def _divisors(count: int) -> tuple[int, ...]:
    """The divisors of a channel count, at most the twelve smallest."""
    return tuple(number for number in range(1, min(count, _LARGEST_TRIED) + 1) if count % number == 0)[:_MOST_SHOWN]
