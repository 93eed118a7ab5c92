"""Arrays of a file to the weights of a net, by order and shape where the names differ: all of them or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from netdsl.diagnostics import targets
from netdsl.diagnostics.core import Fact
from netdsl.ops.contract import Weight
from netdsl.weights.sources import faults

# The order of a layer's arrays in PyTorch; files that are sorted by name have another one.
_KINDS = ("weight", "bias", "running_mean", "running_var")


def match_by_order(needed: Mapping[str, Weight], arrays: Mapping[str, Any]) -> dict[str, str]:
    """The array that belongs to every weight: the first to the first, and so on; by names, `{weight: array}`.

    Arrays of one layer (`bn1.bias`, `bn1.weight`) stand in PyTorch's order. Whether it fits, `order_mismatches` says.
    """
    return dict(zip(needed, _in_order(arrays), strict=False))


def order_mismatches(needed: Mapping[str, Weight], arrays: Mapping[str, Any]) -> Iterator[tuple[str | None, Fact]]:
    """What keeps arrays, taken in order, from being the weights of a net: (the weight's name, the fact).

    Behind the first array that does not fit its weight, nothing is said of shapes: all that follows is out of step.
    """
    matched = match_by_order(needed, arrays)
    for place, (name, origin) in enumerate(matched.items(), start=1):
        found = tuple(arrays[origin].shape)
        if found != needed[name].shape or _clash(name, origin):
            yield name, targets.WeightOutOfStep(place, name, tuple(needed[name].shape), origin, found)
            return
        yield from faults(name, arrays[origin])
    for name in list(needed)[len(matched) :]:
        yield name, targets.WeightMissing(name, tuple(needed[name].shape))
    for origin in _in_order(arrays)[len(matched) :]:
        yield None, targets.WeightSurplus(origin, tuple(arrays[origin].shape))


def _in_order(arrays: Mapping[str, Any]) -> list[str]:
    """The names in the file's order, with those of one layer in PyTorch's."""
    names: list[str] = []
    for _, layer in groupby(arrays, lambda name: name.rpartition(".")[0]):
        members = list(layer)
        known = all(_kind(name) in _KINDS for name in members)
        names += sorted(members, key=lambda name: _KINDS.index(_kind(name))) if known else members
    return names


def _clash(name: str, origin: str) -> bool:
    """Whether both names say what they hold, and it is not the same: a mean is no bias, whatever its shape."""
    kinds = _kind(name), _kind(origin)
    return kinds[0] != kinds[1] and all(kind in _KINDS for kind in kinds)


def _kind(name: str) -> str:
    return name.rpartition(".")[2]
