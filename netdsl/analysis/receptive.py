"""Receptive fields: how much of the input one place of a tensor sees.

Per axis the place 0 of a tensor sees the input from `start` to `end`, and the next place sees it `stride`
further on (Araujo, Norris, Sim: Computing Receptive Fields of Convolutional Neural Networks, 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from netdsl.graph.model import Graph, Layer, Tensor
from netdsl.ops.contract import Everywhere, Pointwise, Reach
from netdsl.types.sizes import Size, is_open
from netdsl.types.tensors import INT64, TensorType


@dataclass(frozen=True, eq=False, slots=True)
class Axis:
    """One axis of a receptive field, in cells of the input; `end` is inside."""

    start: Fraction
    end: Fraction
    stride: Fraction

    @property
    def size(self) -> Fraction:
        """How many cells are seen."""
        return self.end - self.start + 1


@dataclass(frozen=True, eq=False, slots=True)
class Field:
    """A receptive field with an axis for each spatial axis of the input."""

    axes: tuple[Axis, ...]

    @property
    def size(self) -> tuple[int | float, ...]:
        """Cells that one place sees, per axis."""
        return tuple(_plain(axis.size) for axis in self.axes)

    @property
    def stride(self) -> tuple[int | float, ...]:
        """Distance of neighbouring places, in cells of the input, per axis."""
        return tuple(_plain(axis.stride) for axis in self.axes)

    @property
    def offset(self) -> tuple[int | float, ...]:
        """Where the first place begins to see, per axis; negative inside the padding."""
        return tuple(_plain(axis.start) for axis in self.axes)


GLOBAL = "global"
ReceptiveField: TypeAlias = "Field | str | None"


def receptive_fields(graph: Graph) -> dict[int, ReceptiveField]:
    """The receptive field of every tensor, by its id: a field, GLOBAL, or None where it means nothing."""
    fields: dict[int, ReceptiveField] = {}
    for tensor in graph.inputs:
        fields[id(tensor)] = _cells(tensor.type) if tensor.type is not None else None
    for layer in graph.root.layers():
        if layer.well_typed:
            field = _after(layer, _union([fields.get(id(tensor)) for tensor in seen_inputs(layer)]))
            fields.update((id(tensor), field) for tensor in layer.outputs)
    return fields


def seen_inputs(layer: Layer) -> tuple[Tensor, ...]:
    """The inputs whose numbers a layer looks at."""
    return layer.inputs[: len(layer.inputs) - layer.operation.inputs_for_sizes]


def _cells(x: TensorType) -> ReceptiveField:
    """Every place of an input sees itself. Indices have no channels: all their axes are of places."""
    rank = len(x.shape) if x.element == INT64 else x.rank
    return Field((Axis(Fraction(0), Fraction(0), Fraction(1)),) * rank) if rank else None


def _after(layer: Layer, field: ReceptiveField) -> ReceptiveField:
    step = layer.operation.reach(layer.site)
    match step:
        case Pointwise():
            return field
        case Everywhere():
            return GLOBAL if _has_places(layer.inputs) or field is not None else field
        case Reach():
            return _slide(field, step) if isinstance(field, Field) else field


def _has_places(inputs: tuple[Tensor, ...]) -> bool:
    return any(tensor.type is not None and tensor.type.rank > 0 for tensor in inputs)


def _slide(field: Field, step: Reach) -> ReceptiveField:
    if len(step.window) != len(field.axes):
        return GLOBAL
    if any(is_open(before) for before in step.before):
        return GLOBAL
    axes = zip(field.axes, step.window, step.stride, step.before, strict=True)
    return Field(tuple(_slide_axis(axis, window, stride, before) for axis, window, stride, before in axes))


def _slide_axis(axis: Axis, window: int, stride: int | Fraction, before: Size) -> Axis:
    assert isinstance(before, (int, Fraction)), "open padding is handled by the caller"
    start = axis.start - before * axis.stride
    return Axis(start, start + (axis.end - axis.start) + (window - 1) * axis.stride, axis.stride * stride)


def _union(fields: list[ReceptiveField]) -> ReceptiveField:
    """What a merge sees: all that its inputs see."""
    if GLOBAL in fields:
        return GLOBAL
    known = [field for field in fields if isinstance(field, Field)]
    if not known:
        return None
    if len({len(field.axes) for field in known}) > 1:
        return GLOBAL
    columns = zip(*(field.axes for field in known), strict=True)
    return Field(
        tuple(
            Axis(min(a.start for a in axes), max(a.end for a in axes), max(a.stride for a in axes)) for axes in columns
        )
    )


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
