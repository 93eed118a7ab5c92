"""Merges: several tensors become one, number by number or one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import ClassVar

from netdsl.diagnostics import shapes
from netdsl.ops.axes import AXES, CHANNELS, axis_words, no_such_axis, place_of_axis
from netdsl.ops.contract import Misfit, Operation, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchExpression
from netdsl.ops.merge_advice import when_equal, without_mismatch
from netdsl.types.sizes import Size, explain_equality
from netdsl.types.tensors import TensorType

_LONGEST_SUM = 4


class Elementwise(Operation):
    """Numbers at the same place become one.

    Attributes:
        operator: ONNX's operator.
        stretches: whether an axis of size 1 serves every place of a longer one.
    """

    least_inputs: ClassVar[int] = 2
    most_inputs: ClassVar[int | None] = None
    any_element: ClassVar[bool] = True
    operator: ClassVar[str]
    stretches: ClassVar[bool] = True

    def infer(self, *inputs: TensorType) -> TensorType | Misfit:
        merged: TensorType | Misfit = inputs[0]
        for other in inputs[1:]:
            if isinstance(merged, Misfit):
                break
            merged = self._merged(merged, other)
        return merged

    def must_agree(self, *inputs: TensorType) -> tuple[tuple[Size, Size], ...]:
        return _open_pairs(inputs, None, self.stretches)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return reduce(lambda total, other: graph.node(self.operator, total, other), graph.inputs)

    def _merged(self, x: TensorType, other: TensorType) -> TensorType | Misfit:
        if x.element != other.element:
            return _other_element(self.word, x, other)
        if x.rank != other.rank:
            return _mismatch(self.word, x, other, ("number of axes",))
        sizes = [_common(one, two, self.stretches) for one, two in zip(x.shape, other.shape, strict=True)]
        known = [size for size in sizes if size is not None]
        if len(known) == len(sizes):
            return x.with_shape(*known)
        axes = tuple(name for name, size in zip(axis_words(x), sizes, strict=True) if size is None)
        return _mismatch(self.word, x, other, axes)


@operation
class Add(Elementwise):
    """The sum of two or more tensors; an axis of size 1 is stretched. ONNX `Add`, `Sum`; PyTorch `+`."""

    word = "add"
    operator = "Add"

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node("Sum" if len(graph.inputs) > 2 else "Add", *graph.inputs)

    def pytorch(self, at: Site) -> TorchExpression:
        if len(at.inputs) > _LONGEST_SUM:
            return TorchExpression("sum([{all}])")
        return TorchExpression(_joined(" + ", len(at.inputs)))


@operation
class Multiply(Elementwise):
    """The product of two or more tensors; an axis of size 1 is stretched. ONNX `Mul`; PyTorch `*`."""

    word = "mul"
    operator = "Mul"

    def pytorch(self, at: Site) -> TorchExpression:
        return TorchExpression(_joined(" * ", len(at.inputs)))


@operation
class Subtract(Elementwise):
    """The first tensor minus the second; an axis of size 1 is stretched. ONNX `Sub`; PyTorch `-`."""

    word = "sub"
    most_inputs = 2
    operator = "Sub"

    def pytorch(self, at: Site) -> TorchExpression:
        return TorchExpression("{0} - {1}")


@operation
class Maximum(Elementwise):
    """The largest of the numbers at each place. ONNX `Max`; PyTorch `torch.maximum`."""

    word = "max"
    operator = "Max"
    stretches = False

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node(self.operator, *graph.inputs)

    def pytorch(self, at: Site) -> TorchExpression:
        if len(at.inputs) == 2:
            return TorchExpression("torch.maximum({0}, {1})")
        return TorchExpression("torch.stack([{all}]).amax(dim=0)")


@operation
class Concatenate(Operation):
    """The tensors one behind the other along an axis, the channels by default. ONNX `Concat`; PyTorch `torch.cat`."""

    word = "concat"
    any_element = True
    least_inputs = 2
    most_inputs = None
    axis: str = parameter(CHANNELS, doc="axis along which they stand", choices=AXES)

    def infer(self, *inputs: TensorType) -> TensorType | Misfit:
        first = inputs[0]
        misfit = no_such_axis(self.word, self.axis, first)
        if misfit is not None:
            return misfit
        place = place_of_axis(self.axis, first) - 1
        for other in inputs[1:]:
            misfit = self._misfit(first, other, place)
            if misfit is not None:
                return misfit
        sizes = list(first.shape)
        for other in inputs[1:]:
            sizes[place] += other.shape[place]
        return first.with_shape(*sizes)

    def must_agree(self, *inputs: TensorType) -> tuple[tuple[Size, Size], ...]:
        return _open_pairs(inputs, place_of_axis(self.axis, inputs[0]) - 1, stretches=False)

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        place = place_of_axis(self.axis, at.y) - 1
        sizes = " + ".join(str(x.shape[place]) for x in at.inputs)
        return (f"{sizes} = {at.y.shape[place]} {self.axis}",)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node("Concat", *graph.inputs, axis=place_of_axis(self.axis, at.x))

    def pytorch(self, at: Site) -> TorchExpression:
        return TorchExpression(f"torch.cat([{{all}}], dim={place_of_axis(self.axis, at.x)})")

    def _misfit(self, first: TensorType, other: TensorType, place: int) -> Misfit | None:
        if first.element != other.element:
            return _other_element(self.word, first, other)
        if first.rank != other.rank:
            return _mismatch(self.word, first, other, ("number of axes",), self.axis)
        names = axis_words(first)
        pairs = zip(names, first.shape, other.shape, strict=True)
        axes = tuple(name for name, one, two in pairs if name != names[place] and one != two)
        return _mismatch(self.word, first, other, axes, self.axis) if axes else None


def _common(one: Size, two: Size, stretches: bool) -> Size | None:
    """The size of two that are merged: the same, or the other of 1 if that may be stretched."""
    if one == two:
        return one
    if not stretches or (one != 1 and two != 1):
        return None
    return two if one == 1 else one


def _joined(sign: str, count: int) -> str:
    return sign.join(f"{{{place}}}" for place in range(count))


def _other_element(word: str, x: TensorType, other: TensorType) -> Misfit:
    return Misfit(shapes.WrongElementType(word, f"tensors of one element type, here {x.element}", str(other)))


def _mismatch(word: str, x: TensorType, other: TensorType, axes: Sequence[str], along: str = "") -> Misfit:
    condition, mend = when_equal(x, other, axes), without_mismatch(x, other, axes)
    return Misfit(shapes.MergeMismatch(word, str(x), str(other), tuple(axes), along, condition, mend))


def _open_pairs(inputs: tuple[TensorType, ...], free: int | None, stretches: bool) -> tuple[tuple[Size, Size], ...]:
    """The pairs of sizes that differ, if every such pair could agree for some open sizes; else nothing.

    Args:
        inputs: what is merged.
        free: the axis along which they may differ.
        stretches: whether a size of 1 goes with any other.
    """
    first = inputs[0]
    pairs: list[tuple[Size, Size]] = []
    for other in inputs[1:]:
        if other.rank != first.rank or other.element != first.element:
            return ()
        for axis, (one, two) in enumerate(zip(first.shape, other.shape, strict=True)):
            if axis == free or _common(one, two, stretches) is not None:
                continue
            if explain_equality(one, two).never:
                return ()
            pairs.append((one, two))
    return tuple(pairs)
